import type { Cell } from "./cells";

/** A rectangle of cells: `anchor` is where it began, `head` the active cell. */
export interface Selection {
  anchor: Cell;
  head: Cell;
}

/** The edges of a rectangle, all inclusive. */
export interface Rect {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

export const single = (cell: Cell): Selection => ({ anchor: cell, head: cell });

export const isSameCell = (one: Cell, other: Cell) => one.row === other.row && one.column === other.column;

export function rectOf({ anchor, head }: Selection): Rect {
  return {
    top: Math.min(anchor.row, head.row),
    left: Math.min(anchor.column, head.column),
    bottom: Math.max(anchor.row, head.row),
    right: Math.max(anchor.column, head.column),
  };
}

/** A selection of a rectangle; its active cell is the last one, or the first one if it begins at the end. */
export function selectionOf({ top, left, bottom, right }: Rect, { from = "start" } = {}): Selection {
  const [start, end] = [
    { row: top, column: left },
    { row: bottom, column: right },
  ];
  return from === "start" ? { anchor: start, head: end } : { anchor: end, head: start };
}

/** The smallest rectangle around a rectangle and a cell. */
export const enclosing = (rect: Rect, { row, column }: Cell): Rect => ({
  top: Math.min(rect.top, row),
  left: Math.min(rect.left, column),
  bottom: Math.max(rect.bottom, row),
  right: Math.max(rect.right, column),
});

/** The smallest rectangle around cells, of which there is at least one. */
export function boundsOf(cells: readonly Cell[]): Rect {
  const rows = cells.map((cell) => cell.row);
  const columns = cells.map((cell) => cell.column);
  return {
    top: Math.min(...rows),
    left: Math.min(...columns),
    bottom: Math.max(...rows),
    right: Math.max(...columns),
  };
}

export const heightOf = (rect: Rect) => rect.bottom - rect.top + 1;
export const widthOf = (rect: Rect) => rect.right - rect.left + 1;

export function cellsOf(rect: Rect): Cell[] {
  const cells: Cell[] = [];
  for (let row = rect.top; row <= rect.bottom; row++)
    for (let column = rect.left; column <= rect.right; column++) cells.push({ row, column });
  return cells;
}

/** Keeps a selection inside a roster that may have become smaller. */
export function clamped(selection: Selection, rows: number, columns: number): Selection {
  const kept = ({ row, column }: Cell): Cell => ({
    row: Math.max(0, Math.min(rows - 1, row)),
    column: Math.max(0, Math.min(columns - 1, column)),
  });
  return { anchor: kept(selection.anchor), head: kept(selection.head) };
}

/** Cells to write: a shift ID, null to clear, undefined to leave the cell unchanged. */
export type Block = (number | null | undefined)[][];

export interface CellWrite {
  cell: Cell;
  shiftId: number | null;
}

/**
 * Where a block is written: once at the top left of the selection, or repeatedly when the selection is a multiple of it, as in
 * Excel. `cut` is the number of cells outside the roster.
 */
export function placeBlock(
  block: Block,
  selection: Rect,
  rows: number,
  columns: number,
): { written: CellWrite[]; covered: Rect; cut: number } {
  const height = block.length;
  const width = Math.max(1, ...block.map((line) => line.length));
  const repeats = heightOf(selection) % height === 0 && widthOf(selection) % width === 0;
  const wanted: Rect = repeats
    ? selection
    : {
        top: selection.top,
        left: selection.left,
        bottom: selection.top + height - 1,
        right: selection.left + width - 1,
      };
  const covered: Rect = {
    ...wanted,
    bottom: Math.min(wanted.bottom, rows - 1),
    right: Math.min(wanted.right, columns - 1),
  };
  const written = cellsOf(covered).flatMap((cell) => {
    const line = block[(cell.row - wanted.top) % height];
    const shiftId = line?.[(cell.column - wanted.left) % width];
    return shiftId === undefined ? [] : [{ cell, shiftId }];
  });
  return {
    written,
    covered,
    cut: heightOf(wanted) * widthOf(wanted) - heightOf(covered) * widthOf(covered),
  };
}

export type Direction = "down" | "right";

/**
 * Fill down or right: the first row or column of the selection is copied to the rest. A selection of one row or column is
 * filled from the one before it; null if there is none.
 */
export function fillRanges(selection: Rect, direction: Direction): { from: Rect; to: Rect } | null {
  const isDown = direction === "down";
  const length = isDown ? heightOf(selection) : widthOf(selection);
  const [start, end] = isDown ? (["top", "bottom"] as const) : (["left", "right"] as const);
  if (length > 1)
    return {
      from: { ...selection, [end]: selection[start] },
      to: { ...selection, [start]: selection[start] + 1 },
    };
  if (selection[start] === 0) return null;
  const before = selection[start] - 1;
  return { from: { ...selection, [start]: before, [end]: before }, to: selection };
}

/** The cells to fill when the handle is dragged to a cell, in the direction of the longer distance; null inside the selection. */
export function fillTarget(selection: Rect, to: Cell): Rect | null {
  const down = Math.max(selection.top - to.row, to.row - selection.bottom, 0);
  const across = Math.max(selection.left - to.column, to.column - selection.right, 0);
  if (down === 0 && across === 0) return null;
  if (down >= across)
    return to.row > selection.bottom
      ? { ...selection, top: selection.bottom + 1, bottom: to.row }
      : { ...selection, top: to.row, bottom: selection.top - 1 };
  return to.column > selection.right
    ? { ...selection, left: selection.right + 1, right: to.column }
    : { ...selection, left: to.column, right: selection.left - 1 };
}

/** The pattern of `from` continued over `to`, also backwards. */
export function extendBlock(block: Block, from: Rect, to: Rect): Block {
  const height = heightOf(from);
  const width = widthOf(from);
  const place = (index: number, length: number) => ((index % length) + length) % length;
  return Array.from({ length: heightOf(to) }, (_, row) =>
    Array.from(
      { length: widthOf(to) },
      (_, column) =>
        block[place(to.top + row - from.top, height)]?.[place(to.left + column - from.left, width)],
    ),
  );
}
