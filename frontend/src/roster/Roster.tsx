import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { sayProblem } from "../api/problem";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { me, plans } from "../api/session";
import { t } from "../i18n";
import { addDays, addMonths, datesOfMonth, mondayOf, monthOf, type PlainDate } from "../lib/dates";
import { now } from "../lib/now";
import { place, stay } from "../lib/router";
import { dateOf, sayDates, sayDay, sayMonth, sayMonthDay } from "../lib/time";
import { useWide } from "../lib/wide";
import { byId, type Shift, useShifts } from "../shifts/useShifts";
import { IconButton } from "../ui/Button";
import { EmptyState, Loaded, QuietLine } from "../ui/EmptyState";
import { SelectField } from "../ui/Field";
import { Page } from "../ui/Page";
import { say } from "../ui/Toast";
import { type Brush, Brushes } from "./Brushes";
import { type Cell, type Change, coverage, type RosterRow } from "./cells";
import { type Base, type Refusal, RosterDraft } from "./draft";
import { RosterGrid } from "./RosterGrid";
import { ShiftPicker } from "./ShiftPicker";
import "./roster.css";

type Answer = components["schemas"]["Roster"];

const PHONE_DAYS = 7;

/** A month on wide screens, a week on phones. */
function spanOf(anchor: PlainDate, isWide: boolean): { from: PlainDate; to: PlainDate } {
  if (!isWide) {
    const monday = mondayOf(anchor);
    return { from: monday, to: addDays(monday, PHONE_DAYS - 1) };
  }
  const dates = datesOfMonth(monthOf(anchor));
  return { from: dates[0] ?? anchor, to: dates.at(-1) ?? anchor };
}

const baseOf = (answer: Answer): Base => ({
  dates: answer.dates,
  rows: answer.users.map(
    (user): RosterRow => ({ id: user.id, name: user.display_name, shiftIds: user.shift_ids }),
  ),
  revision: answer.revision,
});

export function Roster() {
  const isWide = useWide(900);
  const today = dateOf(now.value);
  const query = place.value.query;
  const anchor = query.get("day") ?? today;
  const { from, to } = spanOf(anchor, isWide);

  const teams = useResource("teams", async () => (await api.get("/api/v1/teams")).items);
  const chosenTeam = Number(query.get("team")) || me.value?.team_id || teams.value?.[0]?.id || undefined;
  const shifts = useShifts();
  const key = `${from} ${to} ${chosenTeam ?? ""}`;
  const roster = useResource(
    key,
    async () => ({
      key,
      answer: await api.get("/api/v1/roster", {
        query: { from, to, ...(chosenTeam ? { team_id: chosenTeam } : {}) },
      }),
    }),
    ["roster"],
  );

  const turn = (steps: 1 | -1) => {
    const day = isWide ? `${addMonths(monthOf(anchor), steps)}-01` : addDays(from, steps * PHONE_DAYS);
    stay({ day, team: query.get("team") });
  };

  const title = isWide ? sayMonth(monthOf(anchor)) : sayDates(from, to);
  return (
    <Page title={t("page.roster")} isFull isTitleHidden class="roster-page compact">
      <div class="roster-bar">
        <IconButton
          icon="back"
          label={t(isWide ? "nav.month_before" : "nav.week_before")}
          onClick={() => turn(-1)}
        />
        <p class="roster-span" aria-live="polite">
          {title}
        </p>
        <IconButton
          icon="forward"
          label={t(isWide ? "nav.month_after" : "nav.week_after")}
          onClick={() => turn(1)}
        />
        {(today < from || today > to) && (
          <button type="button" class="button quiet" onClick={() => stay({ team: query.get("team") })}>
            {t("day.today")}
          </button>
        )}
        {teams.value && teams.value.length > 1 && (
          <SelectField
            label={t("team.one")}
            isLabelHidden
            value={chosenTeam ?? 0}
            choices={teams.value.map((team) => ({ value: team.id, label: team.name }))}
            onValue={(team) => stay({ day: query.get("day"), team })}
          />
        )}
      </div>
      <Loaded from={roster}>
        {({ key: loadedKey, answer }) => (
          <Loaded from={shifts}>
            {(all) => <Board key={loadedKey} answer={answer} shifts={all} today={today} onSwipe={turn} />}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}

interface BoardProps {
  answer: Answer;
  shifts: Shift[];
  today: PlainDate;
  onSwipe: (weeks: 1 | -1) => void;
}

/** One span of the roster with everything a planner does to it. */
function Board({ answer, shifts, today, onSwipe }: BoardProps) {
  const known = useMemo(() => byId(shifts), [shifts]);
  const names = useRef({ known, answer });
  names.current = { known, answer };
  const [draft] = useState(
    () =>
      new RosterDraft(
        baseOf(answer),
        (assignments, revision) => api.put("/api/v1/roster", { body: { assignments, revision } }),
        (refusal) => explain(refusal, names.current),
      ),
  );
  useEffect(() => draft.reload(baseOf(answer)), [draft, answer]);

  const brush = useSignal<Brush>({ kind: "none" });
  const [picking, setPicking] = useState<{ cell: Cell; at: HTMLElement } | null>(null);
  const { dates } = draft.base.value;
  const rows = draft.rows.value;

  const changesFor = (cells: Cell[], shiftId: number | null): Change[] =>
    cells.flatMap((cell) => {
      const row = rows[cell.row];
      const date = dates[cell.column];
      if (!row || !date || (row.shiftIds[cell.column] ?? null) === shiftId) return [];
      return [{ user_id: row.id, date, shift_id: shiftId }];
    });

  const set = (cells: Cell[], shiftId: number | null) => void draft.change(changesFor(cells, shiftId));

  const brushShift = brush.value.kind === "shift" ? known.get(brush.value.id) : undefined;
  const totals = useMemo(
    () =>
      coverage(rows, dates.length, (id) =>
        brushShift ? id === brushShift.id : known.get(id)?.is_rest === false,
      ),
    [rows, dates, known, brushShift],
  );
  const closePicker = useCallback(() => setPicking(null), []);

  useEffect(() => {
    const putAway = (event: KeyboardEvent) => {
      if (event.key === "Escape") brush.value = { kind: "none" };
    };
    addEventListener("keydown", putAway);
    return () => removeEventListener("keydown", putAway);
  }, [brush]);

  if (rows.length === 0)
    return (
      <EmptyState title={t("roster.empty")} text={t("roster.empty_text")}>
        {plans.value && (
          <a class="button main" href="/people">
            {t("roster.empty_step")}
          </a>
        )}
      </EmptyState>
    );
  if (shifts.length === 0)
    return (
      <EmptyState title={t("shift.empty")} text={t("shift.empty_text")}>
        <a class="button main" href="/shifts">
          {t("shift.new")}
        </a>
      </EmptyState>
    );

  const pickedRow = picking && rows[picking.cell.row];
  const pickedDate = picking && dates[picking.cell.column];
  return (
    <>
      {answer.provisional_years.length > 0 && (
        <QuietLine>{t("calendar.provisional", { year: answer.provisional_years.join(", ") })}</QuietLine>
      )}
      <div class={`board${plans.value ? "" : " read-only"}`}>
        {plans.value && (
          <Brushes
            shifts={shifts}
            brush={brush.value}
            onBrush={(next) => {
              brush.value = next;
            }}
          />
        )}
        <RosterGrid
          caption={t("roster.caption", {
            from: sayMonthDay(dates[0] ?? today),
            to: sayMonthDay(dates.at(-1) ?? today),
          })}
          dates={dates}
          days={answer.days}
          today={today}
          rows={rows}
          shifts={known}
          warnings={draft.warnings.value}
          totals={totals}
          totalsLabel={brushShift ? brushShift.name : t("roster.on_duty")}
          canEdit={plans.value}
          isBrushing={brush.value.kind !== "none"}
          onPaint={(cells) => set(cells, brush.value.kind === "shift" ? brush.value.id : null)}
          onSet={(cell, shiftId) => set([cell], shiftId)}
          onOpen={(cell, at) => setPicking({ cell, at })}
          onSwipe={onSwipe}
        />
      </div>
      {picking && pickedRow && pickedDate && (
        <ShiftPicker
          label={`${pickedRow.name} · ${sayDay(pickedDate, today)}`}
          shifts={shifts}
          current={pickedRow.shiftIds[picking.cell.column] ?? null}
          anchor={picking.at}
          onClose={() => {
            closePicker();
            picking.at.focus();
          }}
          onPick={(shiftId) => {
            set([picking.cell], shiftId);
            closePicker();
            picking.at.focus();
          }}
        />
      )}
    </>
  );
}

function explain(refusal: Refusal, { known, answer }: { known: Map<number, Shift>; answer: Answer }) {
  if (refusal.kind === "problem") {
    say(t("roster.not_saved", { reason: sayProblem(refusal.error) }), { isProblem: true });
    return;
  }
  const [first] = refusal.theirs;
  if (!first) return;
  const nameOf = (id: number) => answer.users.find((user) => user.id === id)?.display_name ?? `#${id}`;
  const shift = first.shift_id === null ? t("roster.nothing") : (known.get(first.shift_id)?.name ?? "?");
  say(
    t("roster.conflict", {
      person: nameOf(first.user_id),
      day: sayMonthDay(first.date),
      shift,
    }),
    { isProblem: true },
  );
}
