import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { useAttempt } from "../api/attempt";
import { setPasswordPrompt } from "../api/client";
import { t } from "../i18n";
import { Dialog } from "../ui/Dialog";
import { FormFoot } from "../ui/FormFoot";
import { FormProblem } from "../ui/FormProblem";
import { CurrentPasswordField, isWrongPassword } from "./PasswordFields";

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
  const [password, setPassword] = useState("");
  const { attempt, isBusy, problem } = useAttempt();

  function give(event: Event) {
    event.preventDefault();
    void attempt(() => asked.repeat(password));
  }

  return (
    <Dialog title={t("auth.confirm_title")} onClose={asked.cancel}>
      <form class="form" onSubmit={give}>
        <p>{t("auth.confirm_text")}</p>
        <CurrentPasswordField
          label={t("auth.current_password")}
          value={password}
          problem={problem}
          onValue={setPassword}
        />
        <FormProblem problem={problem} isBesideField={isWrongPassword(problem)} />
        <FormFoot action={t("auth.confirm")} isBusy={isBusy} onClose={asked.cancel} />
      </form>
    </Dialog>
  );
}
