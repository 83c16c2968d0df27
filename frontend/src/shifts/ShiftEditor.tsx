import { useReducer } from "preact/hooks";
import { useAttempt } from "../api/attempt";
import { api } from "../api/client";
import { Problem, problemOf } from "../api/problem";
import { useResource } from "../api/resource";
import { isAdmin } from "../api/session";
import { useTeams } from "../api/teams";
import { t } from "../i18n";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { CheckField, NumberField, SelectField, TextField } from "../ui/Field";
import { FormFoot } from "../ui/FormFoot";
import { FormProblem } from "../ui/FormProblem";
import { HuePicker } from "./HuePicker";
import { PeriodFields } from "./PeriodFields";
import { PolicyFields } from "./PolicyFields";
import { isNight } from "./periods";
import { ReplaceShift } from "./ReplaceShift";
import { initialShiftForm, type ShiftAction, shiftBody, shiftFormReducer } from "./shiftForm";
import type { Shift } from "./useShifts";

interface ShiftEditorProps {
  shift: Shift | null;
  all: Shift[];
  onClose: () => void;
  onSaved: () => void;
}

export function ShiftEditor({ shift, all, onClose, onSaved }: ShiftEditorProps) {
  const presets = useResource("presets", () => api.get("/api/v1/shifts/presets"));
  const teams = useTeams();
  const [form, dispatch] = useReducer(shiftFormReducer, null, () => initialShiftForm(shift, all));
  const { name, code, color, isRest, periods, overtime, policy, team } = form;
  const set = (change: Extract<ShiftAction, { type: "set" }>["change"]) => dispatch({ type: "set", change });
  const { attempt, isBusy, problem } = useAttempt(onSaved);
  const isInUse = problem instanceof Problem && problem.code === "shift_in_use";

  function save(event: Event) {
    event.preventDefault();
    const body = shiftBody(form);
    // Who plans only some teams adds to the first of them.
    const home = team || (isAdmin.value ? null : (teams.value?.[0]?.id ?? null));
    void attempt(() =>
      shift
        ? api.patch("/api/v1/shifts/{shift_id}", { path: { shift_id: shift.id }, body })
        : api.post("/api/v1/shifts", { body: { ...body, team_id: home } }),
    );
  }

  if (shift && isInUse)
    return (
      <ReplaceShift
        shift={shift}
        others={all.filter((other) => other.id !== shift.id)}
        onClose={onClose}
        onSaved={onSaved}
      />
    );

  const fieldProblem = ["name", "code"].some((field) => problemOf(problem, field));
  return (
    <Dialog title={shift ? t("shift.edit") : t("shift.new")} onClose={onClose} isWide>
      <form class="form" onSubmit={save}>
        <div class="form-row">
          <TextField
            label={t("shift.name")}
            required
            maxLength={40}
            value={name}
            error={problemOf(problem, "name")}
            onValue={(name) => set({ name })}
          />
          <TextField
            label={t("shift.code")}
            hint={t("shift.code_hint")}
            required
            maxLength={4}
            value={code}
            error={problemOf(problem, "code")}
            onValue={(code) => set({ code })}
          />
        </div>
        <HuePicker
          value={color}
          code={code}
          isNight={!isRest && isNight(periods)}
          onValue={(color) => set({ color })}
        />
        {!shift && (teams.value?.length ?? 0) > 0 && (isAdmin.value || (teams.value?.length ?? 0) > 1) && (
          <SelectField
            label={t("shift.team")}
            value={team}
            choices={[
              ...(isAdmin.value ? [{ value: 0, label: t("shift.team_all") }] : []),
              ...(teams.value ?? []).map((each) => ({ value: each.id, label: each.name })),
            ]}
            onValue={(team) => set({ team })}
          />
        )}
        <CheckField
          label={t("shift.is_rest")}
          hint={t("shift.is_rest_hint")}
          checked={isRest}
          onValue={(isRest) => set({ isRest })}
        />
        {!isRest && (
          <>
            <PeriodFields periods={periods} dispatch={dispatch} />
            <NumberField
              label={t("shift.overtime")}
              hint={t("shift.overtime_hint")}
              unit={t("unit.minutes")}
              min={0}
              max={720}
              value={overtime}
              onValue={(overtime) => set({ overtime })}
            />
            {presets.value && (
              <PolicyFields
                policy={policy}
                presets={presets.value}
                onPolicy={(next) => set({ policy: next })}
              />
            )}
          </>
        )}
        <FormProblem problem={problem} isBesideField={fieldProblem} />
        <FormFoot isBusy={isBusy} onClose={onClose}>
          {shift && (
            <Button
              class="apart"
              look="quiet"
              isBusy={isBusy}
              onClick={() =>
                void attempt(() => api.delete("/api/v1/shifts/{shift_id}", { path: { shift_id: shift.id } }))
              }
            >
              {t("action.delete")}
            </Button>
          )}
        </FormFoot>
      </form>
    </Dialog>
  );
}
