import type { Cell } from "../cells";

/** Where an arrow, Home, End or Page key leads, with Ctrl to the edge; null for any other key. */
export function cellAfterKey(
  { row, column }: Cell,
  key: string,
  rows: number,
  columns: number,
  toEdge = false,
  pageRows = 10,
): Cell | null {
  const steps = toEdge ? Math.max(rows, columns) : 1;
  const targets: Record<string, Cell> = {
    ArrowLeft: { row, column: column - steps },
    ArrowRight: { row, column: column + steps },
    ArrowUp: { row: row - steps, column },
    ArrowDown: { row: row + steps, column },
    Home: { row: toEdge ? 0 : row, column: 0 },
    End: { row: toEdge ? rows - 1 : row, column: columns - 1 },
    PageUp: { row: row - pageRows, column },
    PageDown: { row: row + pageRows, column },
  };
  const to = targets[key];
  return to
    ? {
        row: Math.max(0, Math.min(rows - 1, to.row)),
        column: Math.max(0, Math.min(columns - 1, to.column)),
      }
    : null;
}
