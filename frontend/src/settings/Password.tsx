import { useState } from "preact/hooks";
import { problemOf } from "../api/problem";
import { changePassword } from "../api/session";
import { CurrentPasswordField, isWrongPassword, NewPasswordField } from "../auth/PasswordFields";
import { t } from "../i18n";
import { Button } from "../ui/Button";
import { FormProblem } from "../ui/FormProblem";
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

  return (
    <section class="section">
      <h2>{t("settings.password")}</h2>
      <form class="form" onSubmit={change}>
        <CurrentPasswordField
          label={t("settings.password_current")}
          value={current}
          problem={problem}
          onValue={setCurrent}
        />
        <NewPasswordField
          label={t("settings.password_new")}
          name="new_password"
          value={next}
          problem={problem}
          onValue={setNext}
        />
        <FormProblem
          problem={problem}
          isBesideField={isWrongPassword(problem) || problemOf(problem, "new_password") !== null}
        />
        <div>
          <Button type="submit" isBusy={isBusy}>
            {t("settings.password_change")}
          </Button>
        </div>
      </form>
    </section>
  );
}
