import { Problem } from "../api/problem";
import { createFirstAdmin, resumeSession } from "../api/session";
import { t } from "../i18n";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { FormProblem, useForm } from "../ui/Form";
import { Entrance } from "./Entrance";
import { NewPasswordField, UsernameField } from "./PasswordFields";

export function SetUp() {
  const form = useForm({ username: "", display_name: "", password: "" }, async (typed) => {
    const display_name = typed.display_name.trim() || undefined;
    try {
      await createFirstAdmin({ username: typed.username.trim(), password: typed.password, display_name });
    } catch (error) {
      // Somebody else was first: then there is a door to sign in at.
      if (error instanceof Problem && error.status === 409) await resumeSession();
      throw error;
    }
  });
  return (
    <Entrance title={t("auth.set_up")}>
      <p class="soft">{t("auth.set_up_text")}</p>
      <form class="form" onSubmit={form.onSubmit}>
        <UsernameField {...form.field("username")} />
        <TextField
          label={t("person.display_name")}
          name="display_name"
          autocomplete="name"
          {...form.field("display_name")}
        />
        <NewPasswordField label={t("auth.password")} name="password" {...form.field("password")} />
        <FormProblem of={form} />
        <Button look="main" type="submit" isBusy={form.isBusy}>
          {t("auth.create")}
        </Button>
      </form>
    </Entrance>
  );
}
