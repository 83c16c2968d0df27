import { useState } from "preact/hooks";
import { useAttempt } from "../api/attempt";
import { api } from "../api/client";
import { t } from "../i18n";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { SelectField } from "../ui/Field";
import { FormProblem } from "../ui/FormProblem";
import type { Shift } from "./useShifts";

/** A shift on rosters can be deleted only when another one takes its place. */
export function ReplaceShift(props: {
  shift: Shift;
  others: Shift[];
  onClose: () => void;
  onSaved: () => void;
}) {
  const [replacement, setReplacement] = useState(props.others[0]?.id ?? 0);
  const { attempt, isBusy, problem } = useAttempt(props.onSaved);
  const replace = () =>
    attempt(() =>
      api.delete("/api/v1/shifts/{shift_id}", {
        path: { shift_id: props.shift.id },
        query: { replace_with: replacement },
      }),
    );
  return (
    <Dialog title={t("shift.in_use", { name: props.shift.name })} onClose={props.onClose}>
      <div class="form">
        <p>{t("shift.in_use_text")}</p>
        <SelectField
          label={t("shift.replace_with")}
          value={replacement}
          choices={props.others.map((shift) => ({ value: shift.id, label: shift.name }))}
          onValue={setReplacement}
        />
        <FormProblem problem={problem} />
        <footer class="form-foot">
          <Button look="main" isBusy={isBusy} disabled={replacement === 0} onClick={() => void replace()}>
            {t("shift.replace")}
          </Button>
          <Button look="quiet" onClick={props.onClose}>
            {t("action.cancel")}
          </Button>
        </footer>
      </div>
    </Dialog>
  );
}
