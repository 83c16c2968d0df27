import { useState } from "preact/hooks";
import { Problem } from "../api/problem";
import { finishSignIn } from "../api/session";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { FormProblem } from "../ui/FormProblem";
import { Entrance } from "./Entrance";
import { t } from "./words";

export interface SecondStepProps {
  /** What the first step gave. */
  token: string;
  /** The first step has to be taken again; with the reason if there is one. */
  onBack: (problem: unknown) => void;
}

/** After the password: a code of the authenticator app, or a recovery code. */
export function SecondStep({ token, onBack }: SecondStepProps) {
  const [code, setCode] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);

  async function enter(event: Event) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await finishSignIn(token, code.trim());
    } catch (error) {
      if (error instanceof Problem && error.code === "second_factor_expired") {
        onBack(error);
        return;
      }
      setProblem(error);
      setBusy(false);
    }
  }

  return (
    <Entrance title={t("code.title")}>
      <p class="soft">{t("code.text")}</p>
      <form class="form" onSubmit={enter}>
        <TextField
          label={t("code.label")}
          name="code"
          autocomplete="one-time-code"
          autocapitalize="none"
          spellcheck={false}
          required
          minLength={6}
          maxLength={20}
          isFirst
          value={code}
          onValue={setCode}
        />
        <FormProblem problem={problem} />
        <Button look="main" type="submit" isBusy={isBusy}>
          {t("auth.sign_in")}
        </Button>
        <Button look="quiet" onClick={() => onBack(null)}>
          {t("code.back")}
        </Button>
      </form>
    </Entrance>
  );
}
