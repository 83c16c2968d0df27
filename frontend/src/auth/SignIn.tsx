import { useState } from "preact/hooks";
import { sayProblem } from "../api/problem";
import { signIn } from "../api/session";
import { t } from "../i18n";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { Entrance } from "./Entrance";

export function SignIn() {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function enter(event: Event) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await signIn(username.trim(), password);
    } catch (error) {
      setProblem(sayProblem(error));
      setBusy(false);
    }
  }

  return (
    <Entrance title={t("auth.sign_in")}>
      <form class="form" onSubmit={enter}>
        <TextField
          label={t("auth.username")}
          name="username"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
          value={username}
          onValue={setUsername}
        />
        <TextField
          label={t("auth.password")}
          name="password"
          type="password"
          autocomplete="current-password"
          required
          value={password}
          onValue={setPassword}
        />
        <p class="form-problem" role="alert">
          {problem}
        </p>
        <Button look="main" type="submit" isBusy={isBusy}>
          {t("auth.sign_in")}
        </Button>
        <p class="note">{t("auth.forgot")}</p>
      </form>
    </Entrance>
  );
}
