import { t } from "../i18n";
import { TextField } from "../ui/Field";

/** As the server demands. */
export const MIN_PASSWORD_LENGTH = 8;

interface PasswordFieldProps {
  label: string;
  value: string;
  error: string | null;
  onValue: (password: string) => void;
}

/** The present password, which confirms a change to one's account. */
export const CurrentPasswordField = (props: PasswordFieldProps) => (
  <TextField {...props} type="password" autocomplete="current-password" required />
);

/** A password that is being chosen; `name` is the field's name in the API. */
export const NewPasswordField = (props: PasswordFieldProps & { name: "password" | "new_password" }) => (
  <TextField
    {...props}
    type="password"
    autocomplete="new-password"
    required
    minLength={MIN_PASSWORD_LENGTH}
    hint={t("auth.password_hint", { n: MIN_PASSWORD_LENGTH })}
  />
);

/** The name by which one signs in. */
export const UsernameField = (
  props: Omit<PasswordFieldProps, "label" | "error"> & { error?: string | null },
) => (
  <TextField
    {...props}
    label={t("auth.username")}
    name="username"
    autocomplete="username"
    autocapitalize="none"
    spellcheck={false}
    required
  />
);
