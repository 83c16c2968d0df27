import { useState } from "preact/hooks";
import { useAttempt } from "../api/attempt";
import { CurrentPasswordField, isWrongPassword } from "../auth/PasswordFields";
import { FormFoot } from "../ui/FormFoot";
import { FormProblem } from "../ui/FormProblem";
import { t } from "./words";

/** The current password before something that a borrowed session must not do. */
export function PasswordForm(props: {
  action: string;
  onPassword: (password: string) => Promise<void>;
  onClose: () => void;
}) {
  const [password, setPassword] = useState("");
  const { attempt, isBusy, problem } = useAttempt();

  function give(event: Event) {
    event.preventDefault();
    void attempt(() => props.onPassword(password));
  }

  return (
    <form class="form" onSubmit={give}>
      <CurrentPasswordField
        label={t("factor.password")}
        value={password}
        problem={problem}
        onValue={setPassword}
      />
      <FormProblem problem={problem} isBesideField={isWrongPassword(problem)} />
      <FormFoot action={props.action} isBusy={isBusy} onClose={props.onClose} />
    </form>
  );
}
