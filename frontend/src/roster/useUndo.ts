import { useEffect, useRef } from "preact/hooks";
import type { PlainDate } from "../lib/dates";
import { stay } from "../lib/router";
import { showToast } from "../ui/Toast";
import type { Cell, RosterRow } from "./cells";
import type { EditorState } from "./editorState";
import { undoRedo } from "./history";
import { boundsOf, type Selection, selectionOf } from "./selection";
import { t } from "./words";

interface UndoOptions {
  rows: readonly RosterRow[];
  dates: readonly PlainDate[];
  onSelect: (selection: Selection) => void;
}

/** Undo and redo. A step in another month or team first goes there, and is undone once the cells are shown. */
export function useUndo(editor: EditorState, { rows, dates, onSelect }: UndoOptions) {
  const { draft, history } = editor;

  function run(direction: "undo" | "redo") {
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
    const cells = result.changes.map(
      ({ user_id, date }): Cell => ({
        row: rows.findIndex((row) => row.id === user_id),
        column: columns.get(date) ?? 0,
      }),
    );
    // Selecting the cells scrolls to them: the planner sees what was undone.
    if (cells.length > 0) onSelect(selectionOf(boundsOf(cells), { from: "end" }));
  }

  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const waiting = editor.pendingUndo;
    editor.pendingUndo = null;
    if (waiting) latest.current(waiting);
  }, [editor]);

  return run;
}
