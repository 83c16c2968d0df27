import { useState } from "preact/hooks";
import { Problem, problemOf, problemText } from "../api/problem";
import { changePassword } from "../api/session";
import { SHORTEST_PASSWORD } from "../auth/SetUp";
import { t } from "../i18n";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { showToast } from "../ui/Toast";

export function Password() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);

  async function change(event: Event) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await changePassword(current, next);
      setCurrent("");
      setNext("");
      showToast(t("settings.password_changed"));
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  }

  const isWrong = problem instanceof Problem && problem.code === "wrong_password";
  return (
    <section class="section">
      <h2>{t("settings.password")}</h2>
      <form class="form" onSubmit={change}>
        <TextField
          label={t("settings.password_current")}
          type="password"
          autocomplete="current-password"
          required
          value={current}
          error={isWrong ? problemText(problem) : null}
          onValue={setCurrent}
        />
        <TextField
          label={t("settings.password_new")}
          hint={t("auth.password_hint", { n: SHORTEST_PASSWORD })}
          type="password"
          autocomplete="new-password"
          required
          minLength={SHORTEST_PASSWORD}
          value={next}
          error={problemOf(problem, "new_password")}
          onValue={setNext}
        />
        <p class="form-problem" role="alert">
          {problem !== null && !isWrong && !problemOf(problem, "new_password") && problemText(problem)}
        </p>
        <div>
          <Button type="submit" isBusy={isBusy}>
            {t("settings.password_change")}
          </Button>
        </div>
      </form>
    </section>
  );
}
