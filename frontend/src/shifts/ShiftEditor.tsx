import { api } from "../api/client";
import { useGet } from "../api/get";
import { Problem } from "../api/problem";
import { isAdmin } from "../api/session";
import { namedChoices, useTeams } from "../api/teams";
import { t } from "../i18n";
import { AskFirst } from "../ui/AskFirst";
import { CheckField, NumberField, SelectField, TextField } from "../ui/Field";
import { FormDialog, useForm } from "../ui/Form";
import { HuePicker } from "./HuePicker";
import { PeriodFields } from "./PeriodFields";
import { PolicyFields } from "./PolicyFields";
import { isNight } from "./periods";
import { ReplaceShift } from "./ReplaceShift";
import { initialShiftForm, shiftBody } from "./shiftForm";
import "./shifts.css";
import type { Shift } from "./useShifts";

interface ShiftEditorProps {
  shift: Shift | null;
  all: Shift[];
  onClose: () => void;
  onSaved: () => void;
}

export function ShiftEditor({ shift, all, onClose, onSaved }: ShiftEditorProps) {
  const presets = useGet("/api/v1/shifts/presets", {});
  const teams = useTeams().value ?? [];
  const path = { shift_id: shift?.id ?? 0 };
  const form = useForm(
    () => initialShiftForm(shift, all),
    async (typed) => {
      const body = shiftBody(typed);
      // Who plans only some teams adds to the first of them.
      const team_id = typed.team_id || (isAdmin.value ? null : (teams[0]?.id ?? null));
      if (shift) await api.patch("/api/v1/shifts/{shift_id}", { path, body });
      else await api.post("/api/v1/shifts", { body: { ...body, team_id } });
      onSaved();
    },
  );
  const { code, is_rest, periods } = form.values;

  async function remove() {
    await api.delete("/api/v1/shifts/{shift_id}", { path });
    onSaved();
  }

  if (shift && form.problem instanceof Problem && form.problem.code === "shift_in_use")
    return (
      <ReplaceShift
        shift={shift}
        others={all.filter((other) => other.id !== shift.id)}
        onClose={onClose}
        onSaved={onSaved}
      />
    );
  return (
    <FormDialog
      title={shift ? t("shift.edit") : t("shift.new")}
      isWide
      isBeside
      of={form}
      onClose={onClose}
      more={
        shift && (
          <AskFirst
            class="apart"
            look="quiet"
            isBusy={form.isBusy}
            label={t("action.delete")}
            text={t("shift.delete_text", { name: shift.name })}
            onYes={() => form.attempt(remove)}
          />
        )
      }
    >
      <div class="form-row">
        <TextField label={t("field.name")} required maxLength={40} {...form.field("name")} />
        <TextField
          label={t("shift.code")}
          hint={t("shift.code_hint")}
          required
          maxLength={4}
          {...form.field("code")}
        />
      </div>
      <HuePicker code={code} isNight={!is_rest && isNight(periods)} {...form.bind("color")} />
      {!shift && teams.length > (isAdmin.value ? 0 : 1) && (
        <SelectField
          label={t("shift.team")}
          choices={[
            ...(isAdmin.value ? [{ value: 0, label: t("shift.team_all") }] : []),
            ...namedChoices(teams),
          ]}
          {...form.bind("team_id")}
        />
      )}
      <CheckField label={t("shift.is_rest")} hint={t("shift.is_rest_hint")} {...form.bind("is_rest")} />
      {!is_rest && (
        <>
          <PeriodFields {...form.bind("periods")} />
          <CheckField
            label={t("shift.asks_clock_out")}
            hint={t("shift.asks_clock_out_hint")}
            {...form.bind("asks_clock_out")}
          />
          <NumberField
            label={t("shift.overtime")}
            hint={t("shift.overtime_hint")}
            unit={t("unit.minutes")}
            min={0}
            max={720}
            {...form.bind("overtime_minutes")}
          />
          {presets.value && <PolicyFields presets={presets.value} {...form.bind("policy")} />}
        </>
      )}
    </FormDialog>
  );
}
