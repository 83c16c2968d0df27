import { peopleChoices } from "../api/people";
import { betweenSentences } from "../i18n";
import { Button } from "../ui/Button";
import { CheckField, Field, NumberField, SelectField, TextField } from "../ui/Field";
import type { ConfigField, Values } from "./schema";
import { t } from "./words";

/** Numbers from here on, and those without an end, have more than five digits. */
const LONG = 100_000;

interface ConfigInputProps {
  field: ConfigField;
  value: Values[string];
  /** A secret that has a value already. */
  isSaved?: boolean;
  error: string | null;
  people: readonly { id: number; display_name: string }[];
  onValue: (value: Values[string]) => void;
  /** Fills a table of people from their pages. */
  onFill?: (() => void) | undefined;
}

/** The control of one setting. */
export function ConfigInput({
  field,
  value,
  isSaved,
  error: refused,
  people,
  onValue,
  onFill,
}: ConfigInputProps) {
  const error =
    refused && field.example ? refused + betweenSentences() + t("like", { example: field.example }) : refused;
  const text = value === null || value === undefined || value === false ? "" : String(value);
  const isOptional = !field.isRequired && field.initial === null;
  const common = { label: field.label, hint: field.hint || undefined, error };
  switch (field.kind) {
    case "switch":
      return <CheckField {...common} value={value === true} onValue={onValue} />;
    case "number":
      return (
        <NumberField
          {...common}
          required={!isOptional}
          isLong={field.maximum === undefined || field.maximum >= LONG}
          min={field.minimum}
          max={field.maximum}
          value={typeof value === "number" ? value : null}
          onValue={onValue}
        />
      );
    case "person":
      return (
        <SelectField
          {...common}
          value={typeof value === "number" ? value : 0}
          choices={[{ value: 0, label: t("none") }, ...peopleChoices(people)]}
          onValue={(id) => onValue(id || null)}
        />
      );
    case "choice":
      return (
        <SelectField
          {...common}
          value={text}
          choices={isOptional ? [{ value: "", label: "–" }, ...field.choices] : field.choices}
          onValue={(choice) => onValue(choice || null)}
        />
      );
    case "list":
    case "long":
      return (
        <div>
          <Field {...common} hint={field.kind === "list" ? withHint(field.hint, t("list")) : field.hint}>
            {(wiring) => (
              <textarea
                {...wiring}
                class="input"
                required={field.isRequired}
                placeholder={field.example}
                value={text}
                onInput={(event) => onValue(event.currentTarget.value)}
              />
            )}
          </Field>
          {onFill && (
            <Button look="quiet" onClick={onFill}>
              {t("fill")}
            </Button>
          )}
        </div>
      );
    default: {
      const input = (
        <TextField
          {...common}
          hint={isSaved ? withHint(field.hint, t("keep")) : common.hint}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          placeholder={isSaved ? t("saved") : (field.example ?? "")}
          required={field.isRequired && !isSaved}
          maxLength={field.maxLength}
          value={text}
          onValue={onValue}
        />
      );
      if (!isSaved || field.isRequired) return input;
      return (
        <div>
          {value !== false && input}
          <CheckField
            label={value === false ? `${field.label}: ${t("clear")}` : t("clear")}
            value={value === false}
            onValue={(isCleared) => onValue(isCleared ? false : null)}
          />
        </div>
      );
    }
  }
}

/** Two sentences; the first may lack its full stop. */
function withHint(hint: string, sentence: string): string {
  if (!hint) return sentence;
  return `${hint}${/[。.]$/.test(hint) ? "" : t("full_stop")}${betweenSentences()}${sentence}`;
}
