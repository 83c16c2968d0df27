import { signal } from "@preact/signals";
import { setPasswordPrompt } from "../api/client";
import { t } from "../i18n";
import { FormDialog, useForm } from "../ui/Form";
import { CurrentPasswordField } from "./PasswordFields";

interface Question {
  /** Repeats the request with the password; throws if it is refused. */
  repeat: (password: string) => Promise<void>;
  cancel: () => void;
}

const question = signal<Question | null>(null);

setPasswordPrompt(
  (repeat, refusal) =>
    new Promise((resolve, reject) => {
      question.peek()?.cancel();
      question.value = {
        repeat: async (password) => {
          resolve(await repeat(password));
          question.value = null;
        },
        cancel: () => {
          question.value = null;
          reject(refusal);
        },
      };
    }),
);

/** Asks for the password when the server requires it for a request, and repeats the request with it. */
export function PasswordPrompt() {
  const asked = question.value;
  return asked && <Prompt asked={asked} />;
}

function Prompt({ asked }: { asked: Question }) {
  const form = useForm({ current_password: "" }, (typed) => asked.repeat(typed.current_password));
  return (
    <FormDialog title={t("auth.confirm_title")} of={form} action={t("auth.confirm")} onClose={asked.cancel}>
      <p>{t("auth.confirm_text")}</p>
      <CurrentPasswordField label={t("auth.current_password")} {...form.field("current_password")} />
    </FormDialog>
  );
}
