import type { Cell } from "./cells";

/** A rectangle of cells between where it was begun and where it is led to. */
export interface Selection {
  anchor: Cell;
  head: Cell;
}

/** Its edges, all of them included. */
export interface Rect {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

export const only = (cell: Cell): Selection => ({ anchor: cell, head: cell });

export const isSame = (one: Cell, other: Cell) => one.row === other.row && one.column === other.column;

export function rectOf({ anchor, head }: Selection): Rect {
  return {
    top: Math.min(anchor.row, head.row),
    left: Math.min(anchor.column, head.column),
    bottom: Math.max(anchor.row, head.row),
    right: Math.max(anchor.column, head.column),
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
export function within(selection: Selection, rows: number, columns: number): Selection {
  const kept = ({ row, column }: Cell): Cell => ({
    row: Math.max(0, Math.min(rows - 1, row)),
    column: Math.max(0, Math.min(columns - 1, column)),
  });
  return { anchor: kept(selection.anchor), head: kept(selection.head) };
}

/** What is to be written: a shift, null to clear, undefined to leave the cell as it is. */
export type Block = (number | null | undefined)[][];

export interface Written {
  cell: Cell;
  shiftId: number | null;
}

/**
 * Where a block goes: once at the upper left of the selection, or as often as it fits when the selection is a multiple of
 * it, as in Excel. `cut` counts the cells that fall off the roster.
 */
export function laid(
  block: Block,
  selection: Rect,
  rows: number,
  columns: number,
): { written: Written[]; covered: Rect; cut: number } {
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
 * Fill down or right: the first line of the selection goes over the rest of it. Of a single line there is no rest: then it
 * takes what stands before it. Null where there is nothing before it.
 */
export function fillOf(selection: Rect, direction: Direction): { from: Rect; to: Rect } | null {
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

/** Pulling the handle of a selection to a cell: the cells it grows over, along the longer way; null inside it. */
export function pulledTo(selection: Rect, to: Cell): Rect | null {
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

/** The block of `from` as it goes on over `to`, backwards too: the rhythm is not broken. */
export function continued(block: Block, from: Rect, to: Rect): Block {
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
