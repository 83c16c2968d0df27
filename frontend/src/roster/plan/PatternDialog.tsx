import { useMemo, useState } from "preact/hooks";
import { api } from "../../api/client";
import { problemText } from "../../api/problem";
import { useResource } from "../../api/resource";
import type { components } from "../../api/schema";
import { isAdmin } from "../../api/session";
import { datesOfMonth, monthOf } from "../../lib/dates";
import { now } from "../../lib/now";
import { dateOf } from "../../lib/time";
import { useDebounced } from "../../lib/useDebounced";
import { byId, type Shift, useShifts } from "../../shifts/useShifts";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Loaded } from "../../ui/EmptyState";
import { CheckField, Segments, SelectField, TextField } from "../../ui/Field";
import { FormFoot } from "../../ui/FormFoot";
import { shiftClass } from "../../ui/ShiftBadge";
import { showToast } from "../../ui/Toast";
import { formatCounts, useApplyPlan } from "./applyPlan";
import { anchorOf, type CycleDraft, daysIn, drop, evenStep, put, staggered } from "./cycle";
import type { PlanDialogProps } from "./dialog";
import { PeopleGrid } from "./PeopleGrid";
import { previewRows } from "./preview";
import { t } from "./words";
import "./plan.css";

type Pattern = components["schemas"]["PatternRead"];
type FillBody = Omit<components["schemas"]["FillBody"], "dry_run">;

const MOST_DAYS_DRAWN = 93;
const OWN = -1;

/** A cycle of shifts laid over people and dates. What it would do is drawn before it is done. */
export function PatternDialog({ scope, onClose }: PlanDialogProps) {
  const { teamId } = scope;
  const team = teamId ? { team_id: teamId } : {};
  const patterns = useResource(
    `patterns ${teamId}`,
    async () => (await api.get("/api/v1/roster/patterns", { query: team })).items,
  );
  const shifts = useShifts();
  return (
    <Dialog title={t("pattern.title")} onClose={onClose}>
      <div class="plan-dialog">
        <Loaded from={patterns}>
          {(all) => (
            <Loaded from={shifts}>
              {(known) => (
                <Pattern
                  scope={scope}
                  onClose={onClose}
                  patterns={all}
                  shifts={known.filter((shift) => !shift.team_id || !teamId || shift.team_id === teamId)}
                  reload={patterns.reload}
                />
              )}
            </Loaded>
          )}
        </Loaded>
      </div>
    </Dialog>
  );
}

interface PatternProps extends PlanDialogProps {
  patterns: Pattern[];
  shifts: Shift[];
  reload: () => Promise<void>;
}

function Pattern({ scope, onClose, patterns, shifts, reload }: PatternProps) {
  const { teamId } = scope;
  const month = datesOfMonth(monthOf(scope.from));
  const today = dateOf(now.value);
  const known = useMemo(() => byId(shifts), [shifts]);

  const [picked, setPicked] = useState(0);
  const [cycle, setCycle] = useState<CycleDraft>({ slots: patterns[0]?.cycle ?? [], at: null });
  const [startsOnMonday, setStartsOnMonday] = useState(patterns[0]?.starts_on_monday ?? false);
  const [follows, setFollows] = useState(patterns[0]?.calendar === "follow");
  const [from, setFrom] = useState(month.includes(today) ? today : (month[0] ?? scope.from));
  const [to, setTo] = useState(month.at(-1) ?? scope.to);
  const [overwrite, setOverwrite] = useState(false);
  const [left, setLeft] = useState<ReadonlySet<number> | null>(null);
  const [offsets, setOffsets] = useState<Record<number, number>>({});
  const [name, setName] = useState("");

  const pattern = picked === OWN ? undefined : patterns[picked];
  const pick = (index: number) => {
    setPicked(index);
    const next = patterns[index];
    if (!next) return setCycle({ slots: [], at: null });
    setCycle({ slots: next.cycle, at: null });
    setStartsOnMonday(next.starts_on_monday);
    setFollows(next.calendar === "follow");
  };

  const days = daysIn(from, to);
  const span = useDebounced(days > 0 && days <= 400 ? `${from} ${to}` : "");
  const roster = useResource(`plan ${teamId} ${span}`, async () => {
    const [first, last] = span.split(" ");
    if (!first || !last) return null;
    return api.get("/api/v1/roster", {
      query: { from: first, to: last, ...(teamId ? { team_id: teamId } : {}) },
    });
  }, ["roster"]);
  const everybody = roster.value?.users.map((user) => user.id) ?? [];
  const chosen = left ?? new Set(everybody);
  const userIds = everybody.filter((id) => chosen.has(id));

  const body: FillBody | null =
    cycle.slots.length > 0 && userIds.length > 0 && days > 0
      ? {
          cycle: [...cycle.slots],
          user_ids: userIds,
          offset: 0,
          offsets: Object.fromEntries(
            userIds.filter((id) => offsets[id]).map((id) => [id, offsets[id] ?? 0]),
          ),
          from,
          to,
          anchor: anchorOf(from, startsOnMonday),
          overwrite,
          calendar: follows ? "follow" : "ignore",
        }
      : null;
  const laying = useApplyPlan(body, (wanted) => api.post("/api/v1/roster/fill", { body: wanted }), {
    roster,
    onApplied: onClose,
  });
  const { preview, answer, isSettled, isBusy } = laying;

  const drawnDates = roster.value?.dates.slice(0, MOST_DAYS_DRAWN) ?? [];
  const rows = roster.value
    ? previewRows({ dates: drawnDates, users: roster.value.users }, answer && body ? answer.cells : [])
    : [];
  const isShared = pattern?.id && pattern.team_id === null;

  async function keep(work: () => Promise<unknown>, said: string) {
    try {
      await work();
      await reload();
      showToast(said);
      setName("");
    } catch (error) {
      showToast(problemText(error), { isProblem: true });
    }
  }

  return (
    <form
      class="form compact"
      onSubmit={(event) => {
        event.preventDefault();
        void laying.apply();
      }}
    >
      <div class="form-row">
        <SelectField
          label={t("pattern.one")}
          value={picked}
          choices={[
            ...patterns.map((each, index) => ({
              value: index,
              label: `${each.name} · ${each.slots.slice(0, 16).join("")}${each.slots.length > 16 ? "…" : ""}`,
            })),
            { value: OWN, label: t("pattern.own") },
          ]}
          onValue={pick}
        />
        <TextField label={t("span.from")} type="date" value={from} onValue={setFrom} />
        <TextField label={t("span.to")} type="date" value={to} onValue={setTo} />
      </div>
      {pattern && pattern.missing.length > 0 && (
        <p class="note">
          {t(pattern.id ? "pattern.gone" : "pattern.missing", {
            words: pattern.missing.join(t("list.comma")),
          })}{" "}
          <a href="/shifts">{t("page.shifts")}</a>
        </p>
      )}
      <CycleEditor cycle={cycle} onCycle={setCycle} shifts={shifts} known={known} />
      <div class="plan-options">
        <Segments
          label={t("onto")}
          value={overwrite ? "all" : "blank"}
          choices={[
            { value: "blank", label: t("onto.blank") },
            { value: "all", label: t("onto.all") },
          ]}
          onValue={(value) => setOverwrite(value === "all")}
        />
        <CheckField
          label={t("pattern.follow")}
          hint={t("pattern.follow_hint")}
          checked={follows}
          onValue={setFollows}
        />
        <CheckField label={t("pattern.monday")} checked={startsOnMonday} onValue={setStartsOnMonday} />
      </div>
      <div class="plan-options">
        <p>
          {t("offset.text")}{" "}
          <Button
            look="quiet"
            disabled={cycle.slots.length === 0}
            onClick={() =>
              setOffsets(staggered(userIds, evenStep(userIds.length, cycle.slots.length), cycle.slots.length))
            }
          >
            {t("offset.even")}
          </Button>
          <Button look="quiet" onClick={() => setOffsets({})}>
            {t("offset.none")}
          </Button>
        </p>
      </div>
      {roster.error !== null && <p class="form-problem">{problemText(roster.error)}</p>}
      {roster.value && (
        <PeopleGrid
          rows={rows}
          dates={drawnDates}
          days={roster.value.days}
          known={known}
          chosen={chosen}
          onChosen={setLeft}
          offsets={offsets}
          onOffset={(id, offset) => setOffsets({ ...offsets, [id]: offset })}
        />
      )}
      {days > MOST_DAYS_DRAWN && <p class="note">{t("more_days", { n: days - MOST_DAYS_DRAWN })}</p>}
      <p role="status" class={preview.error ? "form-problem" : "soft"}>
        {preview.error
          ? problemText(preview.error)
          : !body
            ? t(days === 0 ? "need.days" : cycle.slots.length === 0 ? "need.cycle" : "need.people")
            : isSettled && answer
              ? formatCounts(answer.cells, answer.kept)
              : t("counting")}
      </p>
      <FormFoot
        action={t("lay")}
        isBusy={isBusy}
        isDisabled={!body || !isSettled || answer?.cells.length === 0}
        onClose={onClose}
      />
      <details class="advanced">
        <summary>{t("keep")}</summary>
        <div class="form-row plan-keep">
          <TextField label={t("keep.name")} value={name} maxLength={40} onValue={setName} />
          <Button
            disabled={!name.trim() || cycle.slots.length === 0}
            onClick={() =>
              void keep(
                () =>
                  api.post("/api/v1/roster/patterns", {
                    body: {
                      name: name.trim(),
                      cycle: [...cycle.slots],
                      starts_on_monday: startsOnMonday,
                      ...(teamId ? { team_id: teamId } : {}),
                    },
                  }),
                t("keep.kept", { name: name.trim() }),
              )
            }
          >
            {t("keep.new")}
          </Button>
          {pattern?.id && (!isShared || isAdmin.value) && (
            <>
              <Button
                disabled={cycle.slots.length === 0}
                onClick={() =>
                  void keep(
                    () =>
                      api.patch("/api/v1/roster/patterns/{pattern_id}", {
                        path: { pattern_id: pattern.id ?? 0 },
                        body: {
                          cycle: [...cycle.slots],
                          starts_on_monday: startsOnMonday,
                          ...(name.trim() ? { name: name.trim() } : {}),
                        },
                      }),
                    t("keep.kept", { name: name.trim() || pattern.name }),
                  )
                }
              >
                {t("keep.change", { name: pattern.name })}
              </Button>
              <Button
                look="quiet"
                onClick={() =>
                  void keep(
                    async () => {
                      await api.delete("/api/v1/roster/patterns/{pattern_id}", {
                        path: { pattern_id: pattern.id ?? 0 },
                      });
                      setPicked(OWN);
                    },
                    t("keep.gone", { name: pattern.name }),
                  )
                }
              >
                {t("keep.forget", { name: pattern.name })}
              </Button>
            </>
          )}
        </div>
      </details>
    </form>
  );
}

interface CycleEditorProps {
  cycle: CycleDraft;
  onCycle: (cycle: CycleDraft) => void;
  shifts: readonly Shift[];
  known: ReadonlyMap<number, Shift>;
}

/** The cycle as a row of chips, and the shifts it is made of below. */
function CycleEditor({ cycle, onCycle, shifts, known }: CycleEditorProps) {
  return (
    <fieldset class="cycle">
      <legend class="field-label">{t("cycle", { n: cycle.slots.length })}</legend>
      <ol
        class="cycle-slots"
        onKeyDown={(event) => {
          if (event.key !== "Delete" && event.key !== "Backspace") return;
          event.preventDefault();
          onCycle(drop(cycle));
        }}
      >
        {cycle.slots.map((slot, index) => {
          const shift = slot === null ? undefined : known.get(slot);
          return (
            <li key={index}>
              <button
                type="button"
                aria-pressed={cycle.at === index}
                aria-label={t("cycle.slot", {
                  n: index + 1,
                  shift: shift?.name ?? t("blank"),
                })}
                class={`code ${shift ? shiftClass(shift) : "hue-none rest"}`}
                onClick={() => onCycle({ ...cycle, at: cycle.at === index ? null : index })}
              >
                {shift?.code ?? "·"}
              </button>
            </li>
          );
        })}
      </ol>
      <div class="cycle-shifts">
        <span class="soft small">
          {cycle.at === null ? t("cycle.append") : t("cycle.replace", { n: cycle.at + 1 })}
        </span>
        {shifts.map((shift) => (
          <button key={shift.id} type="button" class="brush" onClick={() => onCycle(put(cycle, shift.id))}>
            <span class={`code ${shiftClass(shift)}`} aria-hidden="true">
              {shift.code}
            </span>
            {shift.name}
          </button>
        ))}
        <button type="button" class="brush" onClick={() => onCycle(put(cycle, null))}>
          <span class="code hue-none rest" aria-hidden="true">
            ·
          </span>
          {t("blank")}
        </button>
        <Button look="quiet" disabled={cycle.slots.length === 0} onClick={() => onCycle(drop(cycle))}>
          {t("cycle.drop")}
        </Button>
      </div>
    </fieldset>
  );
}
