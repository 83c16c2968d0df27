import { useSignal, useSignalEffect } from "@preact/signals";
import type { ComponentType } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { problemText } from "../api/problem";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { me, plans } from "../api/session";
import { monthOf, type PlainDate } from "../lib/dates";
import { stay } from "../lib/router";
import { formatMonth, formatMonthDay, formatRelativeDay } from "../lib/time";
import { byId, type Shift } from "../shifts/useShifts";
import { Button } from "../ui/Button";
import { EmptyState, QuietLine } from "../ui/EmptyState";
import { showToast } from "../ui/Toast";
import { type Brush, Brushes } from "./Brushes";
import { Conflicts } from "./Conflicts";
import { isTypingElsewhere } from "./catcher";
import { type Cell, coverage, type RosterRow } from "./cells";
import { asTable, asText, cellsOfTable, dictionary, understood, wordsOf, writer } from "./clipboard";
import { coverageOf, isAway, marksByCell, missing } from "./coverage";
import type { Desk } from "./desk";
import type { Base } from "./draft";
import type { Finding } from "./Findings";
import { joined, recorded, turnedBack } from "./history";
import { isOfCell, markText, warningText } from "./notes";
import { openPlan } from "./plan/dialog";
import { copyOut, keepCopied, pasteIn } from "./pocket";
import { RosterGrid } from "./RosterGrid";
import { type Deed, SelectionBar } from "./SelectionBar";
import { ShiftPicker } from "./ShiftPicker";
import {
  type Block,
  cellsOf,
  continued,
  type Direction,
  fillOf,
  isSame,
  laid,
  only,
  pulledTo,
  type Rect,
  rectOf,
  type Selection,
  type Written,
  within,
} from "./selection";
import { Tools } from "./Tools";
import { useNews } from "./useNews";
import { t } from "./words";

type Answer = components["schemas"]["Roster"];

export const baseOf = (answer: Answer, teamId: number | null): Base => ({
  teamId,
  dates: answer.dates,
  rows: answer.users.map(
    (user): RosterRow => ({ id: user.id, name: user.display_name, shiftIds: user.shift_ids }),
  ),
  revision: answer.revision,
});

interface BoardProps {
  answer: Answer;
  teamId: number | null;
  desk: Desk;
  shifts: Shift[];
  today: PlainDate;
  onSwipe: (weeks: 1 | -1) => void;
  readAnew: () => void;
}

/** A step that is out of sight is turned back as soon as its month is here. */
let waitingTurn: "undo" | "redo" | null = null;

/** One span of the roster with everything a planner does to it. */
export function Board({ answer, teamId, desk, shifts, today, onSwipe, readAnew }: BoardProps) {
  const { draft, history } = desk;
  // Before anything is drawn of it, and once for each answer.
  useMemo(() => draft.show(baseOf(answer, teamId)), [draft, answer, teamId]);
  const known = useMemo(() => byId(shifts), [shifts]);
  const usable = useMemo(
    () => shifts.filter((shift) => shift.team_id === null || shift.team_id === teamId),
    [shifts, teamId],
  );
  const canEdit = plans.value;
  // Not `base` and not `overlay`: a save changes both of them, and nothing that is drawn.
  const dates = draft.dates.value;
  const rows = draft.rows.value;
  const trouble = draft.trouble.value;
  const conflicts = [...draft.conflicts.value.values()];

  const brush = useSignal<Brush>({ kind: "none" });
  const [isSelecting, setSelecting] = useState(false);
  const [chosen, setChosen] = useState<Selection>(() =>
    only({ row: 0, column: Math.max(0, dates.indexOf(today)) }),
  );
  const selection = useMemo(() => within(chosen, rows.length, dates.length), [chosen, rows, dates]);
  const isMany = !isSame(selection.anchor, selection.head);
  const [picking, setPicking] = useState<HTMLElement | null>(null);
  const [wish, setWish] = useState(0);
  const [deeds, setDeeds] = useState(0);
  const [opened, setOpened] = useState<"findings" | "keys" | null>(null);

  // --- what is to be known beside the cells

  const span = `${dates[0]} ${dates.at(-1)} ${teamId}`;
  const needs = useResource(`needs ${teamId} ${canEdit}`, async () =>
    canEdit && teamId !== null
      ? (await api.get("/api/v1/roster/coverage", { query: { team_id: teamId } })).needs
      : [],
  );
  const report = useResource(`report ${span} ${canEdit}`, async () =>
    canEdit
      ? await api.get("/api/v1/roster/report", {
          query: {
            from: dates[0] ?? today,
            to: dates.at(-1) ?? today,
            ...(teamId === null ? {} : { team_id: teamId }),
          },
        })
      : null,
  );
  useEffect(() => {
    if (report.value) draft.takeWarnings(report.value.warnings);
  }, [draft, report.value]);
  useNews(
    draft,
    teamId,
    () => {
      readAnew();
      void needs.reload();
      void report.reload();
    },
    () => void report.reload(),
  );

  const marks = useMemo(() => marksByCell(answer.marks, dates), [answer.marks, dates]);
  const covered = useMemo(
    () => coverageOf(rows, dates, needs.value ?? [], (date) => answer.days[date]?.kind ?? "workday", marks),
    [rows, dates, needs.value, answer.days, marks],
  );
  const brushShift = brush.value.kind === "shift" ? known.get(brush.value.id) : undefined;
  const totals = useMemo(
    () =>
      coverage(
        rows,
        dates.length,
        (id) => (brushShift ? id === brushShift.id : known.get(id)?.is_rest === false),
        (row, column) => isAway(marks.get(row.id)?.get(dates[column] ?? "")),
      ),
    [rows, dates, known, brushShift, marks],
  );
  const warnings = draft.warnings.value;
  // What is past can no longer be helped: it is marked, but not counted. The words come when somebody asks for them.
  const place = useMemo(() => new Map(answer.users.map((user, index) => [user.id, index])), [answer.users]);
  const foundPeople = useMemo(() => {
    const columns = new Map(dates.map((date, index) => [date, index]));
    return [...warnings].flatMap(([id, ofPerson]) => {
      const row = place.get(id);
      if (row === undefined) return [];
      return [...ofPerson].flatMap(([date, ofDay]) => {
        const column = columns.get(date);
        if (column === undefined || date < today) return [];
        return ofDay.filter(isOfCell).map((warning) => ({ row, column, warning }));
      });
    });
  }, [warnings, place, dates, today]);
  // A month that nobody planned is one matter, not one for each person.
  const unplanned = useMemo(() => {
    const months = new Map<PlainDate, number[]>();
    for (const [id, ofPerson] of warnings) {
      const row = place.get(id);
      if (row === undefined) continue;
      for (const [date, ofDay] of ofPerson)
        if (!ofDay.every(isOfCell)) months.set(date, [...(months.get(date) ?? []), row]);
    }
    return [...months];
  }, [warnings, place]);
  const foundDays = useMemo(
    () =>
      [...covered].flatMap(([shiftId, ofShift]) =>
        ofShift.flatMap((day, column) =>
          missing(day) > 0 && (dates[column] ?? "") >= today ? [{ shiftId, column, day }] : [],
        ),
      ),
    [covered, dates, today],
  );

  const spelled = (): { people: Finding[]; days: Finding[] } => ({
    people: [
      ...unplanned.map(([date, idle]) => {
        const some = idle.slice(0, 6).map((row) => rows[row]?.name ?? "");
        return {
          row: idle[0] ?? 0,
          column: Math.max(0, dates.indexOf(date)),
          date,
          who: "",
          text: t("unplanned", {
            n: idle.length,
            month: formatMonth(monthOf(date)),
            people: some.join("、") + (idle.length > some.length ? " …" : ""),
          }),
        };
      }),
      ...foundPeople.map(({ row, column, warning }) => ({
        row,
        column,
        date: warning.date,
        who: rows[row]?.name ?? "",
        text: warningText(warning),
      })),
    ].sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : a.row - b.row)),
    days: foundDays
      .map(({ shiftId, column, day }) => ({
        row: 0,
        column,
        date: dates[column] ?? "",
        who: "",
        text: t("short_of", {
          shift: known.get(shiftId)?.name ?? "?",
          n: missing(day),
          planned: day.planned,
          needed: day.needed ?? 0,
        }),
      }))
      .sort((a, b) => a.column - b.column),
  });

  // --- changing

  const valueAt = (cell: Cell) => rows[cell.row]?.shiftIds[cell.column] ?? null;

  function write(written: readonly Written[], { goesOn = false } = {}) {
    const turns = written.flatMap(({ cell, shiftId }) => {
      const row = rows[cell.row];
      const date = dates[cell.column];
      const before = valueAt(cell);
      return row && date && before !== shiftId ? [{ user_id: row.id, date, before, after: shiftId }] : [];
    });
    if (turns.length === 0) return;
    history.value = (goesOn ? joined : recorded)(history.peek(), { teamId, turns });
    void draft.change(turns.map(({ user_id, date, after }) => ({ user_id, date, shift_id: after })));
  }

  const set = (cells: readonly Cell[], shiftId: number | null, options?: { goesOn: boolean }) =>
    write(
      cells.map((cell) => ({ cell, shiftId })),
      options,
    );
  const setSelected = (shiftId: number | null, options?: { goesOn: boolean }) =>
    set(cellsOf(rectOf(selection)), shiftId, options);

  const blockOf = (rect: Rect): Block =>
    Array.from({ length: rect.bottom - rect.top + 1 }, (_, row) =>
      Array.from({ length: rect.right - rect.left + 1 }, (_, column) =>
        valueAt({ row: rect.top + row, column: rect.left + column }),
      ),
    );

  function lay(block: Block, over: Rect) {
    const { written, covered: target, cut } = laid(block, over, rows.length, dates.length);
    write(written);
    setChosen({
      anchor: { row: target.top, column: target.left },
      head: { row: target.bottom, column: target.right },
    });
    if (cut > 0) showToast(t("cut_off", { n: cut }), { isProblem: true });
  }

  function fill(direction: Direction) {
    const filled = fillOf(rectOf(selection), direction);
    if (!filled) {
      showToast(t(direction === "down" ? "nothing_above" : "nothing_before"));
      return;
    }
    write(laid(blockOf(filled.from), filled.to, rows.length, dates.length).written);
  }

  function pull(to: Cell) {
    const from = rectOf(selection);
    const over = pulledTo(from, to);
    if (!over) return;
    write(laid(continued(blockOf(from), from, over), over, rows.length, dates.length).written);
    setChosen({
      anchor: { row: Math.min(from.top, over.top), column: Math.min(from.left, over.left) },
      head: { row: Math.max(from.bottom, over.bottom), column: Math.max(from.right, over.right) },
    });
  }

  function onClipboard(event: ClipboardEvent) {
    const clipboard = event.clipboardData;
    const isHere = (event.target as Element).closest?.(".roster-page") != null || isMany;
    if (!clipboard || !isHere || isTypingElsewhere(event.target) || hasMarkedText()) return;
    event.preventDefault();
    if (event.type === "paste") {
      const text = clipboard.getData("text/plain");
      if (canEdit) paste(text ? wordsOf(text) : cellsOfTable(clipboard.getData("text/html")));
      return;
    }
    const lines = selectedWords();
    clipboard.setData("text/plain", asText(lines));
    clipboard.setData("text/html", asTable(lines));
    keepCopied(asText(lines));
    if (event.type === "cut" && canEdit) setSelected(null);
  }

  function selectedWords(): string[][] {
    const nameOf = writer(shifts);
    return blockOf(rectOf(selection)).map((line) => line.map((id) => nameOf(id ?? null)));
  }

  function copyByButton() {
    const lines = selectedWords();
    void copyOut(asText(lines), asTable(lines));
    showToast(t("copied", { n: cellsOf(rectOf(selection)).length }), { staysMs: 2_000 });
  }

  async function pasteByButton() {
    const text = await pasteIn();
    paste(text ? wordsOf(text) : []);
  }

  const deedOf: Record<Deed, () => void> = {
    copy: copyByButton,
    cut: () => {
      copyByButton();
      setSelected(null);
    },
    paste: () => void pasteByButton(),
    fill_down: () => fill("down"),
    fill_right: () => fill("right"),
    done: () => {
      setSelecting(false);
      setChosen(only(selection.head));
    },
  };

  function paste(lines: string[][]) {
    if (lines.length === 0) {
      showToast(t("nothing_to_paste"), { isProblem: true });
      return;
    }
    const { block, unknown } = understood(lines, dictionary(usable));
    lay(block, rectOf(selection));
    if (unknown.length > 0) {
      const some = unknown.slice(0, 8).map((each) => (each.length > 20 ? `${each.slice(0, 20)}…` : each));
      showToast(t("unknown_words", { words: some.join("、") + (unknown.length > 8 ? " …" : "") }), {
        isProblem: true,
      });
    }
  }

  function turn(direction: "undo" | "redo") {
    const columns = new Map(dates.map((date, index) => [date, index]));
    const people = new Map(draft.rows.peek().map((row) => [row.id, row]));
    const turned = turnedBack(history.peek(), direction, (userId, date) => {
      const column = columns.get(date);
      const row = column === undefined ? undefined : people.get(userId);
      return row && (row.shiftIds[column ?? 0] ?? null);
    });
    if (!turned) {
      showToast(t(direction === "undo" ? "nothing_to_undo" : "nothing_to_redo"));
      return;
    }
    if (turned.elsewhere) {
      waitingTurn = direction;
      stay({ day: turned.elsewhere.date, team: turned.elsewhere.teamId });
      return;
    }
    history.value = turned.history;
    void draft.change(turned.changes);
    if (turned.skipped > 0) showToast(t("skipped", { n: turned.skipped }), { isProblem: true });
    const [first] = turned.changes;
    if (!first) return;
    // Whoever takes something back wants to see it.
    const at = (change: { user_id: number; date: string }): Cell => ({
      row: rows.findIndex((row) => row.id === change.user_id),
      column: columns.get(change.date) ?? 0,
    });
    const cells = turned.changes.map(at);
    const edge = (of: (...values: number[]) => number): Cell => ({
      row: of(...cells.map((cell) => cell.row)),
      column: of(...cells.map((cell) => cell.column)),
    });
    setChosen({ anchor: edge(Math.max), head: edge(Math.min) });
  }

  const turning = useRef(turn);
  turning.current = turn;
  const clipping = useRef(onClipboard);
  clipping.current = onClipboard;
  useEffect(() => {
    void draft.retry();
    const waiting = waitingTurn;
    waitingTurn = null;
    if (waiting) turning.current(waiting);
  }, [draft]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTypingElsewhere(event.target) || event.isComposing) return;
      if (event.key === "Escape") {
        brush.value = { kind: "none" };
        setSelecting(false);
        setChosen((before) => only(before.head));
      } else if (canEdit && (event.ctrlKey || event.metaKey) && !event.altKey) {
        const key = event.key.toLowerCase();
        if (key !== "z" && key !== "y") return;
        event.preventDefault();
        turning.current(key === "y" || event.shiftKey ? "redo" : "undo");
      }
    };
    const back = () => void draft.retry();
    // On the page, not on the grid: after a press on a button the focus is there, and the selection is still meant.
    const onClip = (event: ClipboardEvent) => clipping.current(event);
    const clips = ["copy", "cut", "paste"] as const;
    for (const name of clips) document.addEventListener(name, onClip);
    addEventListener("keydown", onKey);
    addEventListener("online", back);
    return () => {
      for (const name of clips) document.removeEventListener(name, onClip);
      removeEventListener("keydown", onKey);
      removeEventListener("online", back);
    };
  }, [brush, canEdit, draft]);

  useSignalEffect(() => {
    if (draft.overlay.value.size === 0) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  });

  const closePicker = useCallback(() => setPicking(null), []);

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

  const names = new Map(answer.users.map((user) => [user.id, user.display_name]));
  const nameOf = (id: number) => names.get(id) ?? (id === me.value?.id ? me.value.display_name : undefined);
  const pickedRow = rows[selection.head.row];
  const pickedDate = dates[selection.head.column] ?? today;
  return (
    <>
      {answer.provisional_years.length > 0 && (
        <QuietLine action={plans.value && <Button onClick={() => openPlan("days")}>{t("mend")}</Button>}>
          {t("calendar.provisional", { year: answer.provisional_years.join(", ") })}
        </QuietLine>
      )}
      {trouble && draft.overlay.value.size > 0 && (
        <QuietLine isUrgent action={<Button onClick={() => void draft.retry()}>{t("retry")}</Button>}>
          <span role="status">
            {t("waiting", { n: draft.overlay.value.size, reason: problemText(trouble.error) })}
          </span>
        </QuietLine>
      )}
      {conflicts.length > 0 && (
        <Conflicts
          conflicts={conflicts}
          shifts={known}
          nameOf={nameOf}
          onMine={(mine) => {
            history.value = recorded(history.peek(), {
              teamId,
              turns: mine.map((conflict) => ({
                user_id: conflict.user_id,
                date: conflict.date,
                before: conflict.theirs,
                after: conflict.mine,
              })),
            });
            void draft.keepMine(mine);
          }}
          onTheirs={(theirs) => draft.keepTheirs(theirs)}
        />
      )}
      <div class={`board${canEdit ? "" : " read-only"}`} aria-busy={draft.isSaving}>
        {canEdit && (
          <div class="side">
            {isSelecting && (
              <SelectionBar
                cells={cellsOf(rectOf(selection)).length}
                onDeed={(deed) => {
                  setDeeds(deeds + 1);
                  deedOf[deed]();
                }}
              />
            )}
            <Tools
              canUndo={history.value.done.length > 0}
              canRedo={history.value.undone.length > 0}
              isSelecting={isSelecting}
              findings={unplanned.length + foundPeople.length + foundDays.length}
              onUndo={() => turn("undo")}
              onRedo={() => turn("redo")}
              onSelecting={() => {
                brush.value = { kind: "none" };
                setSelecting(!isSelecting);
                setChosen(only(selection.head));
              }}
              onFindings={() => setOpened("findings")}
              onKeys={() => setOpened("keys")}
            />
            <Brushes
              shifts={usable}
              brush={brush.value}
              onBrush={(next) => {
                // With cells selected a shift is put into them; else it is taken in hand.
                if ((isMany || isSelecting) && next.kind !== "none") {
                  setDeeds(deeds + 1);
                  setSelected(next.kind === "shift" ? next.id : null);
                } else brush.value = next;
              }}
            />
          </div>
        )}
        <RosterGrid
          caption={t("roster.caption", {
            from: formatMonthDay(dates[0] ?? today),
            to: formatMonthDay(dates.at(-1) ?? today),
          })}
          dates={dates}
          days={answer.days}
          today={today}
          rows={rows}
          shifts={known}
          usable={usable}
          warnings={warnings}
          marks={marks}
          totals={totals}
          totalsLabel={brushShift ? brushShift.name : t("roster.on_duty")}
          covered={covered}
          canEdit={canEdit}
          isBrushing={brush.value.kind !== "none"}
          isSelecting={isSelecting}
          selection={selection}
          wish={wish}
          deeds={deeds}
          onSelect={setChosen}
          onLongPress={() => setSelecting(true)}
          onPaint={(cells) => set(cells, brush.value.kind === "shift" ? brush.value.id : null)}
          onType={(shiftId, goesOn) => setSelected(shiftId, { goesOn })}
          onUnknown={(text) => showToast(t("no_such_shift", { text }), { isProblem: true })}
          onOpen={setPicking}
          onPull={pull}
          onFill={fill}
          onSwipe={onSwipe}
        />
      </div>
      {picking && pickedRow && (
        <ShiftPicker
          label={
            isMany
              ? t("cells", { n: cellsOf(rectOf(selection)).length })
              : `${pickedRow.name} · ${formatRelativeDay(pickedDate, today)}`
          }
          notes={
            isMany
              ? []
              : [
                  ...(marks.get(pickedRow.id)?.get(pickedDate) ?? []).map(markText),
                  ...(warnings.get(pickedRow.id)?.get(pickedDate) ?? []).filter(isOfCell).map(warningText),
                ]
          }
          shifts={usable}
          current={valueAt(selection.head)}
          anchor={picking}
          onClose={() => {
            closePicker();
            picking.focus();
          }}
          onPick={(shiftId) => {
            setSelected(shiftId);
            closePicker();
            picking.focus();
          }}
        />
      )}
      {opened === "keys" && <Later load={keys} onClose={() => setOpened(null)} />}
      {opened === "findings" && (
        <Later
          load={findings}
          {...spelled()}
          onClose={() => setOpened(null)}
          onGo={({ row, column }) => {
            setOpened(null);
            setChosen(only({ row, column }));
            setWish(wish + 1);
          }}
        />
      )}
    </>
  );
}

/** Words on the page are marked: they are meant, not the cells. */
function hasMarkedText(): boolean {
  const marked = getSelection();
  return marked !== null && !marked.isCollapsed && marked.toString().trim() !== "";
}

const keys = async () => (await import("./Keys")).Keys;
const findings = async () => (await import("./Findings")).Findings;

/** A dialog that is fetched when it is first asked for. */
function Later<P extends object>({ load, ...props }: P & { load: () => Promise<ComponentType<P>> }) {
  const [Loaded, setLoaded] = useState<ComponentType<P> | null>(null);
  useEffect(() => {
    load().then(
      (component) => setLoaded(() => component),
      (error: unknown) => showToast(problemText(error), { isProblem: true }),
    );
  }, [load]);
  return Loaded && <Loaded {...(props as unknown as P)} />;
}
