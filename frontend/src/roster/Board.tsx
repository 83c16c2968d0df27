import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { components } from "../api/schema";
import { isPlanner, me } from "../api/session";
import type { PlainDate } from "../lib/dates";
import { lazy, lazyDialog } from "../lib/lazy";
import { formatMonthDay } from "../lib/time";
import { byId, plannable, type Shift } from "../shifts/useShifts";
import { attempt } from "../ui/attempt";
import { EmptyState } from "../ui/EmptyState";
import { showToast } from "../ui/Toast";
import { type Action, reverseAction } from "./actions";
import { type Brush, Brushes } from "./Brushes";
import type { RosterRow } from "./cells";
import type { Base } from "./draft";
import type { EditorState } from "./editorState";
import { peopleFindings, staffingFindings } from "./findings";
import type { GridHandle } from "./grid/props";
import { RosterGrid } from "./grid/RosterGrid";
import { codesOf } from "./grid/typing";
import { Notices } from "./Notices";
import type { Pasted } from "./plan/PasteDialog";
import { type SelectionAction, SelectionBar } from "./SelectionBar";
import { SelectionPicker } from "./SelectionPicker";
import { clamped, heightOf, isSameCell, rectOf, type Selection, single, widthOf } from "./selection";
import { TodaysActions } from "./TodaysActions";
import { Tools } from "./Tools";
import { useBoardKeys } from "./useBoardKeys";
import { useCellEdits } from "./useCellEdits";
import { useClipboard } from "./useClipboard";
import { useLearnedCodes } from "./useLearnedCodes";
import { useRosterDetails } from "./useRosterDetails";
import { useUndo } from "./useUndo";
import { t } from "./words";

const ShortcutsDialog = lazyDialog(() =>
  import("./dialogs/ShortcutsDialog").then((it) => it.ShortcutsDialog),
);
const CandidatesDialog = lazyDialog(() =>
  import("./dialogs/CandidatesDialog").then((it) => it.CandidatesDialog),
);
const FindPerson = lazyDialog(() => import("./dialogs/FindPerson").then((it) => it.FindPerson));
const HistoryDialog = lazyDialog(() => import("./dialogs/HistoryDialog").then((it) => it.HistoryDialog));
const DraftsLine = lazy(() => import("./drafts/DraftsLine").then((it) => it.DraftsLine));
const SyncedLine = lazy(() => import("./Synced").then((it) => it.SyncedLine));
const NoteDialog = lazyDialog(() => import("./NoteDialog").then((it) => it.NoteDialog));
const PasteDialog = lazyDialog(() => import("./plan/PasteDialog").then((it) => it.PasteDialog));
const LeaveDialog = lazyDialog(() => import("../requests/LeaveDialog").then((it) => it.LeaveDialog));
const FindingsDialog = lazyDialog(() => import("./dialogs/FindingsDialog").then((it) => it.FindingsDialog));

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
  editor: EditorState;
  shifts: Shift[];
  today: PlainDate;
  onSwipe: (weeks: 1 | -1) => void;
  /** A dialog is open, or none: until it closes, the same dates are to be shown. */
  onHold: (isHeld: boolean) => void;
  onOpenCalendar: () => void;
  onOpenDrafts: () => void;
  reload: () => void;
}

/** A team's roster for a range of dates, with everything a planner edits it by. */
export function Board({
  answer,
  teamId,
  editor,
  shifts,
  today,
  onSwipe,
  onHold,
  onOpenCalendar,
  onOpenDrafts,
  reload,
}: BoardProps) {
  const { draft, history } = editor;
  // Before anything is rendered of it, and once for each answer.
  useMemo(() => draft.show(baseOf(answer, teamId)), [draft, answer, teamId]);
  const shiftsById = useMemo(() => byId(shifts), [shifts]);
  const usable = useMemo(
    () => plannable(shifts).filter((shift) => shift.team_id === null || shift.team_id === teamId),
    [shifts, teamId],
  );
  const canEdit = isPlanner.value;
  const learned = useLearnedCodes(canEdit ? teamId : null);
  const codes = useMemo(() => codesOf(usable, learned), [usable, learned]);
  // Not `base` and not `overlay`: a save changes both of them, but nothing that is visible.
  const dates = draft.dates.value;
  const rows = draft.rows.value;

  const grid = useRef<GridHandle>(null);
  const brush = useSignal<Brush>({ kind: "none" });
  const brushShift = brush.value.kind === "shift" ? shiftsById.get(brush.value.id) : undefined;
  const [isSelecting, setSelecting] = useState(false);
  const [chosen, setChosen] = useState<Selection>(() =>
    single({ row: 0, column: Math.max(0, dates.indexOf(today)) }),
  );
  const selection = useMemo(() => clamped(chosen, rows.length, dates.length), [chosen, rows, dates]);
  const isMany = !isSameCell(selection.anchor, selection.head);
  const selected = rectOf(selection);
  const selectedCount = heightOf(selected) * widthOf(selected);
  const [pickerAnchor, setPickerAnchor] = useState<HTMLElement | null>(null);
  const [dialog, setDialog] = useState<
    "findings" | "shortcuts" | "leave" | "history" | "note" | "find" | null
  >(null);

  /** The day and the shift for which somebody is looked for. */
  const [wanted, setWanted] = useState<{ date: PlainDate; shiftId: number | undefined } | null>(null);

  const [pasted, setPasted] = useState<Pasted | null>(null);

  const isHolding = dialog !== null || wanted !== null || pasted !== null;
  useEffect(() => {
    onHold(isHolding);
    return () => onHold(false);
  }, [onHold, isHolding]);

  const names = useMemo(
    () => new Map(answer.users.map((user) => [user.id, user.display_name])),
    [answer.users],
  );
  const headRow = rows[selection.head.row];
  const headDate = dates[selection.head.column] ?? today;

  const details = useRosterDetails({
    answer,
    draft,
    teamId,
    canEdit,
    today,
    shifts: shiftsById,
    counted: brushShift,
    reload,
  });
  const { marks, warnings, drafts, drafted } = details;
  const { unplanned, warned, short } = details.findings;
  const edits = useCellEdits(editor, {
    teamId,
    rows,
    dates,
    selection,
    onSelect: setChosen,
  });
  const clipboard = useClipboard(editor.clipboard, {
    canEdit,
    isMany,
    shifts,
    usable,
    learned,
    selectedBlock: edits.selectedBlock,
    people: rows,
    onPaste: edits.place,
    onTable: setPasted,
    onClear: () => edits.setSelected(null),
  });
  useEffect(() => void draft.retry(), [draft]);
  const actions = useSignal<readonly Action[]>([]);
  const undoRedo = useUndo(editor, { teamId, rows, dates, onSelect: setChosen });
  useBoardKeys({
    canEdit,
    onEscape: () => {
      // Only what changes: it is pressed often, and each change renders the board.
      if (brush.peek().kind !== "none") brush.value = { kind: "none" };
      setSelecting(false);
      setChosen((before) => (isSameCell(before.anchor, before.head) ? before : single(before.head)));
    },
    onUndo: undoRedo,
  });

  const reloadMarks = async () => reload();
  const selectionActions: Record<SelectionAction, () => void> = {
    copy: clipboard.copy,
    cut: clipboard.cut,
    paste: () => void clipboard.paste(),
    fill_down: () => edits.fill("down"),
    fill_right: () => edits.fill("right"),
    done: () => {
      setSelecting(false);
      setChosen(single(selection.head));
    },
  };

  function chooseBrush(next: Brush) {
    // With several cells selected the shift goes into them; otherwise it becomes the brush.
    if ((isMany || isSelecting) && next.kind !== "none") {
      grid.current?.endTapSelection();
      edits.setSelected(next.kind === "shift" ? next.id : null);
    } else brush.value = next;
  }

  if (rows.length === 0) return <NoPeople />;
  if (shifts.length === 0) return <NoShifts />;

  return (
    <>
      {canEdit && <TodaysActions into={actions} />}
      <Notices
        editor={editor}
        teamId={teamId}
        provisionalYears={answer.provisional_years}
        shifts={shiftsById}
        nameOf={(id) => names.get(id) ?? (id === me.value?.id ? me.value.display_name : undefined)}
        onOpenCalendar={onOpenCalendar}
      />
      {details.synced?.source && (
        <SyncedLine
          synced={details.synced}
          canEdit={canEdit}
          source={details.synced.source}
          teamId={teamId}
          actions={actions}
          onUndo={(reading) => void attempt(() => reverseAction(draft, "undo", reading.id))}
        />
      )}
      {drafts?.uses_drafts && <DraftsLine drafts={drafts} onOpen={onOpenDrafts} />}
      <div class={`board${canEdit ? "" : " read-only"}`} aria-busy={draft.isSaving}>
        {canEdit && (
          <div class="side">
            {isSelecting && (
              <SelectionBar
                cells={selectedCount}
                onAction={(action) => {
                  grid.current?.endTapSelection();
                  selectionActions[action]();
                }}
              />
            )}
            <Tools
              history={history}
              actions={actions}
              isSelecting={isSelecting}
              findings={unplanned.length + warned.length + short.length}
              onUndo={() => undoRedo("undo")}
              onRedo={() => undoRedo("redo")}
              onSelecting={() => {
                brush.value = { kind: "none" };
                setSelecting(!isSelecting);
                setChosen(single(selection.head));
              }}
              onFindings={() => setDialog("findings")}
              onShortcuts={() => setDialog("shortcuts")}
            />
            <Brushes shifts={usable} brush={brush.value} onBrush={chooseBrush} />
          </div>
        )}
        <RosterGrid
          handle={grid}
          caption={t("roster.caption", {
            from: formatMonthDay(dates[0] ?? today),
            to: formatMonthDay(dates.at(-1) ?? today),
          })}
          dates={dates}
          days={answer.days}
          today={today}
          rows={rows}
          shifts={shiftsById}
          codes={codes}
          warnings={warnings}
          marks={marks}
          drafts={drafted}
          notes={details.notes}
          wishes={details.wishes}
          synced={details.syncedCells}
          totals={details.totals}
          totalsLabel={brushShift ? brushShift.name : t("roster.on_duty")}
          covered={details.covered}
          open={details.open}
          canEdit={canEdit}
          isBrushing={brush.value.kind !== "none"}
          isSelecting={isSelecting}
          selection={selection}
          onSelect={setChosen}
          onLongPress={() => setSelecting(true)}
          onPaint={(cells) => edits.setCells(cells, brush.value.kind === "shift" ? brush.value.id : null)}
          onType={edits.typeSelected}
          onTypedMore={edits.untypeSelected}
          onUnknownText={(text) => showToast(t("no_such_shift", { text }), { isProblem: true })}
          onOpen={setPickerAnchor}
          onFillTo={edits.fillTo}
          onFill={edits.fill}
          onFind={() => setDialog("find")}
          onSwipe={onSwipe}
          place={editor.place}
          teamId={teamId}
        />
      </div>
      {pickerAnchor && (
        <SelectionPicker
          anchor={pickerAnchor}
          row={headRow}
          date={headDate}
          cells={selectedCount}
          today={today}
          marks={marks}
          warnings={warnings}
          drafts={drafted}
          notes={details.notes}
          wishes={details.wishes}
          allShifts={shiftsById}
          shifts={usable}
          current={edits.valueAt(selection.head)}
          onPick={edits.setSelected}
          onLeave={() => {
            setPickerAnchor(null);
            setDialog("leave");
          }}
          onWho={() => {
            setPickerAnchor(null);
            setWanted({
              date: headDate,
              shiftId: edits.valueAt(selection.head) ?? undefined,
            });
          }}
          onHistory={() => {
            setPickerAnchor(null);
            setDialog("history");
          }}
          onNote={() => {
            setPickerAnchor(null);
            setDialog("note");
          }}
          onEndLeave={(mark) => {
            setPickerAnchor(null);
            void attempt(async () => (await import("../requests/useRequests")).endLeave(mark, reloadMarks));
          }}
          onClose={() => setPickerAnchor(null)}
        />
      )}
      {wanted && (
        <CandidatesDialog
          dates={dates}
          {...wanted}
          shifts={usable}
          teamId={teamId}
          onTake={(userId, date, shiftId) => {
            const row = rows.findIndex((each) => each.id === userId);
            const cell = { row, column: dates.indexOf(date) };
            setWanted(null);
            edits.setCells([cell], shiftId);
            grid.current?.goTo(cell);
            showToast(t("who.taken", { who: rows[row]?.name ?? "" }));
          }}
          onClose={() => setWanted(null)}
        />
      )}
      {pasted && (
        <PasteDialog
          {...pasted}
          target={{ people: rows, dates, row: selected.top, column: selected.left }}
          teamId={teamId}
          known={shiftsById}
          learned={learned}
          editor={editor}
          onHere={() => {
            setPasted(null);
            clipboard.pasteHere(pasted.copied);
          }}
          onClose={() => setPasted(null)}
        />
      )}
      {dialog === "history" && headRow && (
        <HistoryDialog person={headRow} date={headDate} shifts={shiftsById} onClose={() => setDialog(null)} />
      )}
      {dialog === "note" && headRow && (
        <NoteDialog
          person={headRow}
          date={headDate}
          text={details.notes.get(headRow.id)?.get(headDate)?.text ?? ""}
          onDone={() => void details.reloadNotes()}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === "find" && (
        <FindPerson
          rows={rows}
          onClose={() => setDialog(null)}
          onGo={(row) => {
            setDialog(null);
            grid.current?.goTo({ row, column: selection.head.column });
          }}
        />
      )}
      {dialog === "leave" && (
        <LeaveDialog
          people={rows.slice(selected.top, selected.bottom + 1)}
          date={dates[selected.left]}
          until={dates[selected.right]}
          onClose={() => setDialog(null)}
          onDone={reloadMarks}
        />
      )}
      {dialog === "shortcuts" && <ShortcutsDialog onClose={() => setDialog(null)} />}
      {dialog === "findings" && (
        <FindingsDialog
          findings={[
            ...staffingFindings(short, shiftsById, dates),
            ...peopleFindings(unplanned, warned, rows, dates),
          ]}
          onClose={() => setDialog(null)}
          onWho={({ date, shiftId }) => {
            setDialog(null);
            setWanted({ date, shiftId });
          }}
          onGo={({ row, column }) => {
            setDialog(null);
            grid.current?.goTo({ row, column });
          }}
        />
      )}
    </>
  );
}

const NoPeople = () => (
  <EmptyState title={t("roster.empty")} text={t("roster.empty_text")}>
    {isPlanner.value && (
      <a class="button main" href="/people">
        {t("roster.empty_step")}
      </a>
    )}
  </EmptyState>
);

const NoShifts = () => (
  <EmptyState title={t("shift.empty")} text={t("shift.empty_text")}>
    <a class="button main" href="/shifts">
      {t("shift.new")}
    </a>
  </EmptyState>
);
