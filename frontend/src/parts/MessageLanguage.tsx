import { LANGUAGES, type Language, t } from "../i18n";
import { SelectField } from "../ui/Field";

/** Empty: the team's. */
export type MessageLanguageChoice = Language | "";

interface MessageLanguageProps {
  value: MessageLanguageChoice;
  onValue: (value: MessageLanguageChoice) => void;
}

/** In which language a person gets their reminders and notices. */
export function MessageLanguage({ value, onValue }: MessageLanguageProps) {
  return (
    <SelectField<MessageLanguageChoice>
      label={t("message_language")}
      hint={t("message_language_hint")}
      value={value}
      choices={[{ value: "", label: t("message_language_team") }, ...languageChoices()]}
      onValue={onValue}
    />
  );
}

export const languageChoices = () => LANGUAGES.map((each) => ({ value: each, label: t(`language.${each}`) }));
