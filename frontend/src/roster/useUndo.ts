import { useEffect, useRef } from "preact/hooks";
import type { PlainDate } from "../lib/dates";
import { stay } from "../lib/router";
import { attempt } from "../ui/attempt";
import { showToast } from "../ui/Toast";
import { actionText, nextActions, reverseAction, todaysActions } from "./actions";
import type { Cell, RosterRow } from "./cells";
import type { EditorState } from "./editorState";
import { EMPTY_HISTORY, undoRedo } from "./history";
import { boundsOf, type Selection, selectionOf } from "./selection";
import { t } from "./words";

interface UndoOptions {
  teamId: number | null;
  rows: readonly RosterRow[];
  dates: readonly PlainDate[];
  onSelect: (selection: Selection) => void;
}

/** Undo and redo of today's actions, which the server keeps; while changes wait to be saved, of those. */
export function useUndo(editor: EditorState, { teamId, rows, dates, onSelect }: UndoOptions) {
  const { draft, history } = editor;

  async function reverse(direction: "undo" | "redo", steps: number) {
    const isOutdated = () => {
      if (editor.steps !== steps) showToast(t("undo.outdated"), { isProblem: true });
      return editor.steps !== steps;
    };
    const isSaved = await draft.settled();
    if (isOutdated()) return;
    if (!isSaved) return reverseUnsaved(direction);
    history.value = EMPTY_HISTORY;
    const action = nextActions(await todaysActions())[direction];
    if (isOutdated()) return;
    if (!action) {
      showToast(t(direction === "undo" ? "nothing_to_undo" : "nothing_to_redo"));
      return;
    }
    const changes = await reverseAction(draft, direction, action.id);
    const said = direction === "undo" ? "undo.done" : "redo.done";
    showToast(t(said, { action: actionText(action) }), { staysMs: 4_000 });
    if (!show(changes)) stay({ day: action.first, team: action.team_id ?? teamId });
  }

  /** Selecting the cells scrolls to them: the planner sees what was undone. False: none of them is on this page. */
  function show(changes: readonly { user_id: number; date: PlainDate }[]): boolean {
    const lines = new Map(rows.map((row, index) => [row.id, index]));
    const columns = new Map(dates.map((date, index) => [date, index]));
    const cells = changes.flatMap(({ user_id, date }): Cell[] => {
      const [row, column] = [lines.get(user_id), columns.get(date)];
      return row === undefined || column === undefined ? [] : [{ row, column }];
    });
    if (cells.length > 0) onSelect(selectionOf(boundsOf(cells), { from: "end" }));
    return cells.length > 0 || changes.length === 0;
  }

  /** A step in another month or team first goes there, and is undone once the cells are shown. */
  function reverseUnsaved(direction: "undo" | "redo") {
    const columns = new Map(dates.map((date, index) => [date, index]));
    const people = new Map(draft.rows.peek().map((row) => [row.id, row]));
    const result = undoRedo(history.peek(), direction, (userId, date) => {
      const column = columns.get(date);
      const row = column === undefined ? undefined : people.get(userId);
      return row && (row.shiftIds[column ?? 0] ?? null);
    });
    if (!result) {
      showToast(t(direction === "undo" ? "nothing_to_undo" : "nothing_to_redo"));
      return;
    }
    if (result.elsewhere) {
      editor.pendingUndo = direction;
      stay({ day: result.elsewhere.date, team: result.elsewhere.teamId });
      return;
    }
    history.value = result.history;
    void draft.change(result.changes);
    if (result.skipped > 0) showToast(t("skipped", { n: result.skipped }), { isProblem: true });
    show(result.changes);
  }

  const run = (direction: "undo" | "redo") => {
    const { steps } = editor;
    editor.undoing = editor.undoing.then(
      async () => void (await attempt(async () => latest.current(direction, steps))),
    );
  };

  const latest = useRef(reverse);
  latest.current = reverse;
  useEffect(() => {
    const waiting = editor.pendingUndo;
    editor.pendingUndo = null;
    if (waiting) run(waiting);
  }, [editor]);

  return run;
}
