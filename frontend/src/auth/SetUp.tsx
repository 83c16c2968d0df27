import { Problem } from "../api/problem";
import { createFirstAdmin, resumeSession } from "../api/session";
import { LANGUAGES, type Language, language, setLanguage } from "../i18n";
import { currentZone } from "../lib/time";
import { zoneChoices } from "../lib/zones";
import { Button } from "../ui/Button";
import { SelectField, TextField } from "../ui/Field";
import { FormProblem, useForm } from "../ui/Form";
import { Entrance } from "./Entrance";
import { NewPasswordField, UsernameField } from "./PasswordFields";
import { t } from "./words";

/** The first administrator, and the first team with the browser's time zone and language. */
export function SetUp() {
  const initial = { username: "", display_name: "", password: "", timezone: currentZone() };
  const form = useForm(initial, async ({ username, display_name, ...typed }) => {
    try {
      await createFirstAdmin({
        ...typed,
        username: username.trim(),
        display_name: display_name.trim() || null,
        team_name: t("set_up.team"),
        language: language.value,
      });
    } catch (error) {
      // Somebody else was first: then there is a door to sign in at.
      if (error instanceof Problem && error.status === 409) await resumeSession();
      throw error;
    }
  });
  return (
    <Entrance title={t("set_up.title")}>
      <p class="soft">{t("set_up.text")}</p>
      <form class="form" onSubmit={form.onSubmit}>
        <UsernameField {...form.field("username")} />
        <NewPasswordField label={t("auth.password")} name="password" {...form.field("password")} />
        <TextField
          label={t("person.display_name")}
          name="display_name"
          autocomplete="name"
          placeholder={form.values.username.trim()}
          {...form.field("display_name")}
        />
        <div class="form-row">
          <SelectField<Language>
            label={t("settings.language")}
            value={language.value}
            choices={LANGUAGES.map((each) => ({ value: each, label: t(`language.${each}`) }))}
            onValue={(next) => void setLanguage(next, { remember: true })}
          />
          <SelectField
            label={t("team.zone")}
            choices={zoneChoices(form.values.timezone)}
            {...form.field("timezone")}
          />
        </div>
        <p class="note">{t("set_up.from_browser")}</p>
        <FormProblem of={form} />
        <Button look="main" type="submit" isBusy={form.isBusy}>
          {t("set_up.create")}
        </Button>
      </form>
    </Entrance>
  );
}
