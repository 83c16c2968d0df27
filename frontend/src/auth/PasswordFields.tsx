import { Problem, problemOf, problemText } from "../api/problem";
import { t } from "../i18n";
import { TextField } from "../ui/Field";

/** As the server demands. */
export const MIN_PASSWORD_LENGTH = 8;

interface PasswordFieldProps {
  label: string;
  value: string;
  problem: unknown;
  onValue: (password: string) => void;
}

export const isWrongPassword = (problem: unknown) =>
  problem instanceof Problem && problem.code === "wrong_password";

/** The present password, which confirms a change to one's account. */
export function CurrentPasswordField({ problem, ...props }: PasswordFieldProps) {
  return (
    <TextField
      {...props}
      type="password"
      autocomplete="current-password"
      required
      error={isWrongPassword(problem) ? problemText(problem) : null}
    />
  );
}

/** A password that is being chosen; `name` is the field's name in the API. */
export function NewPasswordField({
  problem,
  name = "password",
  ...props
}: PasswordFieldProps & { name?: string }) {
  return (
    <TextField
      {...props}
      name={name}
      type="password"
      autocomplete="new-password"
      required
      minLength={MIN_PASSWORD_LENGTH}
      hint={t("auth.password_hint", { n: MIN_PASSWORD_LENGTH })}
      error={problemOf(problem, name)}
    />
  );
}
