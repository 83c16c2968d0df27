import { useRef } from "preact/hooks";
import type { PlainDate } from "../lib/dates";
import { showToast } from "../ui/Toast";
import type { Cell, RosterRow } from "./cells";
import type { EditorState } from "./editorState";
import { extendLast, newAction, record } from "./history";
import {
  type Block,
  type CellWrite,
  cellsOf,
  type Direction,
  enclosing,
  extendBlock,
  fillRanges,
  fillTarget,
  placeBlock,
  type Rect,
  rectOf,
  type Selection,
  selectionOf,
} from "./selection";
import { t } from "./words";

interface EditOptions {
  teamId: number | null;
  rows: readonly RosterRow[];
  dates: readonly PlainDate[];
  selection: Selection;
  onSelect: (selection: Selection) => void;
}

/** Everything that writes into cells. Each call is one step of undo and is saved at once. */
export function useCellEdits(editor: EditorState, { teamId, rows, dates, selection, onSelect }: EditOptions) {
  const { draft, history } = editor;
  const selected = rectOf(selection);
  /** What the selection held before a code was typed into it. */
  const typedOver = useRef<Block>([]);

  const valueAt = (cell: Cell) => rows[cell.row]?.shiftIds[cell.column] ?? null;

  const blockOf = (rect: Rect): Block =>
    Array.from({ length: rect.bottom - rect.top + 1 }, (_, row) =>
      Array.from({ length: rect.right - rect.left + 1 }, (_, column) =>
        valueAt({ row: rect.top + row, column: rect.left + column }),
      ),
    );

  function write(writes: readonly CellWrite[], { continues = false } = {}) {
    const edits = writes.flatMap(({ cell, shiftId }) => {
      const row = rows[cell.row];
      const date = dates[cell.column];
      const before = valueAt(cell);
      return row && date && before !== shiftId ? [{ user_id: row.id, date, before, after: shiftId }] : [];
    });
    if (edits.length === 0) return;
    editor.steps++;
    history.value = (continues ? extendLast : record)(history.peek(), {
      teamId,
      action: newAction(),
      edits,
    });
    const action = history.peek().done.at(-1)?.action ?? newAction();
    void draft.change(edits.map(({ user_id, date, after }) => ({ user_id, date, shift_id: after, action })));
  }

  const setCells = (cells: readonly Cell[], shiftId: number | null) =>
    write(cells.map((cell) => ({ cell, shiftId })));

  return {
    valueAt,
    setCells,
    setSelected: (shiftId: number | null) => setCells(cellsOf(selected), shiftId),
    typeSelected(shiftId: number | null) {
      typedOver.current = blockOf(selected);
      setCells(cellsOf(selected), shiftId);
    },
    /** Takes back what was typed into the selection, as if it had not been. */
    untypeSelected: () =>
      write(placeBlock(typedOver.current, selected, rows.length, dates.length).written, { continues: true }),
    selectedBlock: () => blockOf(selected),

    /** Writes a block at the selection, and selects what it covers. */
    place(block: Block) {
      const { written, covered, cut } = placeBlock(block, selected, rows.length, dates.length);
      write(written);
      onSelect(selectionOf(covered));
      if (cut > 0) showToast(t("cut_off", { n: cut }), { isProblem: true });
    },

    fill(direction: Direction) {
      const ranges = fillRanges(selected, direction);
      if (!ranges) {
        showToast(t(direction === "down" ? "nothing_above" : "nothing_before"));
        return;
      }
      write(placeBlock(blockOf(ranges.from), ranges.to, rows.length, dates.length).written);
    },

    /** Continues the selection's pattern as far as the handle was dragged. */
    fillTo(cell: Cell) {
      const target = fillTarget(selected, cell);
      if (!target) return;
      const block = extendBlock(blockOf(selected), selected, target);
      write(placeBlock(block, target, rows.length, dates.length).written);
      const { top, left, bottom, right } = target;
      const whole = enclosing(enclosing(selected, { row: top, column: left }), {
        row: bottom,
        column: right,
      });
      onSelect(selectionOf(whole));
    },
  };
}
