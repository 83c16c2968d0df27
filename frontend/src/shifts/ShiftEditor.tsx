import { useId, useState } from "preact/hooks";
import { api } from "../api/client";
import { Problem, problemOf, problemText } from "../api/problem";
import { useResource } from "../api/resource";
import { isAdmin } from "../api/session";
import { useTeams } from "../api/teams";
import { t } from "../i18n";
import { Button, IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { CheckField, Choices, NumberField, SelectField, TextField } from "../ui/Field";
import { FormFoot } from "../ui/FormFoot";
import { HUES, hueClassOf } from "./colour";
import { endsNextDay, isNight, type Period } from "./periods";
import {
  choiceOf,
  describePolicy,
  type Policy,
  PRESET_NAMES,
  type PunchKind,
  type PunchPolicy,
} from "./policy";
import type { Shift } from "./useShifts";

interface ShiftEditorProps {
  shift: Shift | null;
  all: Shift[];
  onClose: () => void;
  onSaved: () => void;
}

const MOST_PERIODS = 3;

/** The least used of the twelve, so that a new shift looks like no other. */
function freshHue(all: readonly Shift[]): string {
  const used = (name: string) =>
    all.filter((shift) => !shift.is_rest && hueClassOf(shift.color) === name).length;
  const names = HUES.map((_, index) => `hue-${((index * 5) % HUES.length) + 1}`);
  return names.reduce((best, name) => (used(name) < used(best) ? name : best));
}

export function ShiftEditor({ shift, all, onClose, onSaved }: ShiftEditorProps) {
  const presets = useResource("presets", () => api.get("/api/v1/shifts/presets"));
  const teams = useTeams();
  const [name, setName] = useState(shift?.name ?? "");
  const [code, setCode] = useState(shift?.code ?? "");
  const [color, setColor] = useState(() => (shift ? hueClassOf(shift.color) : freshHue(all)));
  const [isRest, setRest] = useState(shift?.is_rest ?? false);
  const [periods, setPeriods] = useState<Period[]>(
    shift && shift.periods.length > 0 ? shift.periods : [{ start: "09:00", end: "18:00" }],
  );
  const [overtime, setOvertime] = useState<number | null>(shift?.overtime_minutes ?? null);
  const [policy, setPolicy] = useState<Policy | null>(shift?.policy ?? null);
  const [team, setTeam] = useState<number>(shift?.team_id ?? 0);
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const [isMoving, setMoving] = useState(false);

  async function attempt(work: () => Promise<unknown>) {
    setBusy(true);
    setProblem(null);
    try {
      await work();
      onSaved();
    } catch (error) {
      if (error instanceof Problem && error.code === "shift_in_use") setMoving(true);
      else setProblem(error);
      setBusy(false);
    }
  }

  function save(event: Event) {
    event.preventDefault();
    const body = {
      name: name.trim(),
      code: code.trim(),
      color: color === "hue-none" ? "hue-1" : color,
      is_rest: isRest,
      periods: isRest ? [] : periods,
      overtime_minutes: isRest ? null : overtime,
      policy: isRest ? null : policy,
    };
    // A planner without the whole house adds to the first of their teams.
    const home = team || (isAdmin.value ? null : (teams.value?.[0]?.id ?? null));
    void attempt(() =>
      shift
        ? api.patch("/api/v1/shifts/{shift_id}", { path: { shift_id: shift.id }, body })
        : api.post("/api/v1/shifts", { body: { ...body, team_id: home } }),
    );
  }

  const changePeriod = (index: number, change: Partial<Period>) =>
    setPeriods(periods.map((period, at) => (at === index ? { ...period, ...change } : period)));

  if (shift && isMoving)
    return (
      <MoveBeforeDelete
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
            onValue={setName}
          />
          <TextField
            label={t("shift.code")}
            hint={t("shift.code_hint")}
            required
            maxLength={4}
            value={code}
            error={problemOf(problem, "code")}
            onValue={setCode}
          />
        </div>
        <HuePicker value={color} code={code} isNight={!isRest && isNight(periods)} onValue={setColor} />
        {!shift && (teams.value?.length ?? 0) > 0 && (isAdmin.value || (teams.value?.length ?? 0) > 1) && (
          <SelectField
            label={t("shift.team")}
            value={team}
            choices={[
              ...(isAdmin.value ? [{ value: 0, label: t("shift.team_all") }] : []),
              ...(teams.value ?? []).map((each) => ({ value: each.id, label: each.name })),
            ]}
            onValue={setTeam}
          />
        )}
        <CheckField
          label={t("shift.is_rest")}
          hint={t("shift.is_rest_hint")}
          checked={isRest}
          onValue={setRest}
        />
        {!isRest && (
          <>
            <fieldset class="form">
              <legend class="field-label">{t("shift.periods")}</legend>
              {periods.map((period, index) => (
                <div class="period-row" key={index}>
                  <TextField
                    label={t("shift.start")}
                    type="time"
                    required
                    value={period.start}
                    onValue={(start) => changePeriod(index, { start })}
                  />
                  <TextField
                    label={t("shift.end")}
                    type="time"
                    required
                    value={period.end}
                    onValue={(end) => changePeriod(index, { end })}
                  />
                  <span class="next-day soft">{endsNextDay(period) ? t("shift.next_day") : ""}</span>
                  {periods.length > 1 && (
                    <IconButton
                      icon="close"
                      label={t("shift.period_remove", { n: index + 1 })}
                      onClick={() => setPeriods(periods.filter((_, at) => at !== index))}
                    />
                  )}
                </div>
              ))}
              {periods.length < MOST_PERIODS && (
                <div>
                  <Button
                    icon="plus"
                    look="quiet"
                    onClick={() =>
                      setPeriods([...periods, { start: periods.at(-1)?.end ?? "13:00", end: "22:00" }])
                    }
                  >
                    {t("shift.period_add")}
                  </Button>
                </div>
              )}
            </fieldset>
            <NumberField
              label={t("shift.overtime")}
              hint={t("shift.overtime_hint")}
              unit={t("unit.minutes")}
              min={0}
              max={720}
              value={overtime}
              onValue={setOvertime}
            />
            {presets.value && (
              <>
                <Choices
                  label={t("policy.label")}
                  value={choiceOf(policy, presets.value)}
                  choices={[
                    { value: "default", label: t("policy.default") },
                    ...PRESET_NAMES.map((each) => ({ value: each, label: t(`policy.preset_${each}`) })),
                    { value: "own", label: t("policy.own") },
                  ]}
                  onValue={(choice) => {
                    const known = presets.value;
                    if (!known) return;
                    if (choice === "default") setPolicy(null);
                    else if (choice === "own") setPolicy(nudged(policy ?? known.nag));
                    else setPolicy(known[choice]);
                  }}
                />
                <p class="policy-words">{policy ? describePolicy(policy) : t("policy.default_text")}</p>
                <details class="advanced">
                  <summary>{t("policy.advanced")}</summary>
                  {(["clock_in", "clock_out"] as const).map((kind) => (
                    <PunchPolicyFields
                      key={kind}
                      kind={kind}
                      policy={(policy ?? presets.value?.nag ?? null)?.[kind] ?? null}
                      onPolicy={(changed) => {
                        const before = policy ?? presets.value?.nag;
                        if (before) setPolicy({ ...before, [kind]: changed });
                      }}
                    />
                  ))}
                </details>
              </>
            )}
          </>
        )}
        <p class="form-problem" role="alert">
          {problem !== null && !fieldProblem && problemText(problem)}
        </p>
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

/** One's own policy starts next to the one it comes from: one minute earlier. */
function nudged(policy: Policy): Policy {
  return { ...policy, clock_in: { ...policy.clock_in, start: policy.clock_in.start - 1 } };
}

function HuePicker(props: { value: string; code: string; isNight: boolean; onValue: (hue: string) => void }) {
  const name = useId();
  return (
    <fieldset>
      <legend class="field-label">{t("shift.color")}</legend>
      <div class="hue-grid">
        {HUES.map(({ hue }, index) => {
          const value = `hue-${index + 1}`;
          return (
            <label key={hue}>
              <input
                type="radio"
                name={name}
                aria-label={t("shift.color_n", { n: index + 1 })}
                checked={props.value === value}
                onChange={() => props.onValue(value)}
              />
              <span class={`code ${value}${props.isNight ? " night" : ""}`} aria-hidden="true">
                {props.code.slice(0, 2) || "班"}
              </span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}

function PunchPolicyFields(props: {
  kind: PunchKind;
  policy: PunchPolicy | null;
  onPolicy: (policy: PunchPolicy) => void;
}) {
  const { kind, policy, onPolicy } = props;
  if (!policy) return null;
  const unit = t("unit.minutes");
  return (
    <fieldset class="punch-policy">
      <legend>{t(kind === "clock_in" ? "punch.clock_in" : "punch.clock_out")}</legend>
      <NumberField
        label={t("policy.start")}
        hint={t("policy.start_hint")}
        unit={unit}
        value={policy.start}
        onValue={(start) => start !== null && onPolicy({ ...policy, start })}
      />
      <NumberField
        label={t("policy.every")}
        hint={t("policy.every_hint")}
        unit={unit}
        min={1}
        max={240}
        value={policy.every ?? null}
        onValue={(every) => onPolicy({ ...policy, every })}
      />
      <NumberField
        label={t("policy.until")}
        unit={unit}
        value={policy.until}
        onValue={(until) => until !== null && onPolicy({ ...policy, until })}
      />
      <NumberField
        label={t("policy.escalate_after")}
        hint={t("policy.escalate_hint")}
        unit={unit}
        min={0}
        max={720}
        value={policy.escalate ?? null}
        onValue={(escalate) => onPolicy({ ...policy, escalate })}
      />
    </fieldset>
  );
}

/** A shift that is on rosters can only go when another takes its place. */
function MoveBeforeDelete(props: {
  shift: Shift;
  others: Shift[];
  onClose: () => void;
  onSaved: () => void;
}) {
  const [replacement, setReplacement] = useState(props.others[0]?.id ?? 0);
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  async function move() {
    setBusy(true);
    try {
      await api.delete("/api/v1/shifts/{shift_id}", {
        path: { shift_id: props.shift.id },
        query: { replace_with: replacement },
      });
      props.onSaved();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }
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
        <p class="form-problem" role="alert">
          {problem !== null && problemText(problem)}
        </p>
        <footer class="form-foot">
          <Button look="main" isBusy={isBusy} disabled={replacement === 0} onClick={() => void move()}>
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
