import type { Cell } from "../cells";

/** The cell that contains a node; null outside the people's rows. */
export function cellOf(target: EventTarget | null): Cell | null {
  const cell = (target as Element | null)?.closest?.<HTMLTableCellElement>("td:not(.row-total)");
  const row = cell?.closest<HTMLElement>("tr[data-row]");
  return cell && row ? { row: Number(row.dataset.row), column: cell.cellIndex - 1 } : null;
}

/** The element of a cell; null while its row is not drawn. */
export const elementOf = (grid: HTMLElement | null, cell: Cell): HTMLElement | null =>
  grid?.querySelector<HTMLElement>(`tr[data-row="${cell.row}"] > td:nth-child(${cell.column + 2})`) ?? null;
