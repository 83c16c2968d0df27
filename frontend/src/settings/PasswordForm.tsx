import { useState } from "preact/hooks";
import { useAttempt } from "../api/attempt";
import { Problem, problemText } from "../api/problem";
import { TextField } from "../ui/Field";
import { FormFoot } from "../ui/FormFoot";
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

  const isWrong = problem instanceof Problem && problem.code === "wrong_password";
  return (
    <form class="form" onSubmit={give}>
      <TextField
        label={t("factor.password")}
        type="password"
        autocomplete="current-password"
        required
        value={password}
        error={isWrong ? problemText(problem) : null}
        onValue={setPassword}
      />
      <p class="form-problem" role="alert">
        {problem !== null && !isWrong && problemText(problem)}
      </p>
      <FormFoot action={props.action} isBusy={isBusy} onClose={props.onClose} />
    </form>
  );
}
