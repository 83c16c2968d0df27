import { changePassword } from "../api/session";
import { CurrentPasswordField, NewPasswordField } from "../auth/PasswordFields";
import { t } from "../i18n";
import { Form, useForm } from "../ui/Form";
import { Section } from "../ui/Page";
import { showToast } from "../ui/Toast";

export function Password() {
  const form = useForm({ current_password: "", new_password: "" }, async (typed) => {
    await changePassword(typed.current_password, typed.new_password);
    form.set({ current_password: "", new_password: "" });
    showToast(t("settings.password_changed"));
  });
  return (
    <Section title={t("auth.password")}>
      <Form of={form} action={t("settings.password_change")}>
        <CurrentPasswordField label={t("auth.current_password")} {...form.field("current_password")} />
        <NewPasswordField
          label={t("settings.password_new")}
          name="new_password"
          {...form.field("new_password")}
        />
      </Form>
    </Section>
  );
}
