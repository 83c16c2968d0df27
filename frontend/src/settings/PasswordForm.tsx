import { CurrentPasswordField } from "../auth/PasswordFields";
import { DialogForm, useForm } from "../ui/Form";
import { t } from "./words";

/** The current password before something that a borrowed session must not do. */
export function PasswordForm(props: {
  action: string;
  onPassword: (password: string) => Promise<void>;
  onClose: () => void;
}) {
  const form = useForm({ current_password: "" }, (typed) => props.onPassword(typed.current_password));
  return (
    <DialogForm of={form} action={props.action} onClose={props.onClose}>
      <CurrentPasswordField label={t("factor.password")} {...form.field("current_password")} />
    </DialogForm>
  );
}
