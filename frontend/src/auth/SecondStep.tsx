import { Problem } from "../api/problem";
import { finishSignIn } from "../api/session";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { FormProblem, useForm } from "../ui/Form";
import { Entrance } from "./Entrance";
import { t } from "./words";

interface SecondStepProps {
  /** What the first step gave. */
  token: string;
  /** The first step has to be taken again; with the reason if there is one. */
  onBack: (problem: unknown) => void;
  onDone?: () => void;
}

/** After the password: a code of the authenticator app, or a recovery code. */
export function SecondStep({ token, onBack, onDone }: SecondStepProps) {
  const form = useForm({ code: "" }, async ({ code }) => {
    try {
      await finishSignIn(token, code.trim());
      onDone?.();
    } catch (error) {
      if (!(error instanceof Problem && error.code === "second_factor_expired")) throw error;
      onBack(error);
    }
  });

  return (
    <Entrance title={t("code.title")}>
      <p class="soft">{t("code.text")}</p>
      <form class="form" onSubmit={form.onSubmit}>
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
          {...form.bind("code")}
        />
        <FormProblem of={form} />
        <Button look="main" type="submit" isBusy={form.isBusy}>
          {t("auth.sign_in")}
        </Button>
        <Button look="quiet" onClick={() => onBack(null)}>
          {t("code.back")}
        </Button>
      </form>
      <p class="soft small">{t("code.lost")}</p>
    </Entrance>
  );
}
