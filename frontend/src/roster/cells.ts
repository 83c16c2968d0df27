import type { PlainDate } from "../lib/dates";

/** One person's row: a shift ID or null for each date. */
export interface RosterRow {
  id: number;
  name: string;
  shiftIds: (number | null)[];
}

export interface Change {
  user_id: number;
  date: PlainDate;
  shift_id: number | null;
  /** The server's actions with one name are undone at once. */
  action?: string;
}

export interface Cell {
  row: number;
  column: number;
}

export const cellKey = (userId: number, date: PlainDate) => `${userId} ${date}`;

/** Changes to apply to rows, by cell key. */
export type Overlay = ReadonlyMap<string, Change>;

/** The server's rows with unsaved changes applied. Rows without a change stay the same objects. */
export function withOverlay(
  rows: readonly RosterRow[],
  dates: readonly PlainDate[],
  overlay: Overlay,
): RosterRow[] {
  if (overlay.size === 0) return rows as RosterRow[];
  const column = new Map(dates.map((date, index) => [date, index]));
  const changed = new Map<number, (number | null)[]>();
  const original = new Map(rows.map((row) => [row.id, row]));
  for (const change of overlay.values()) {
    const index = column.get(change.date);
    const row = original.get(change.user_id);
    if (index === undefined || !row) continue;
    const ids = changed.get(row.id) ?? [...row.shiftIds];
    ids[index] = change.shift_id;
    changed.set(row.id, ids);
  }
  return rows.map((row) => {
    const shiftIds = changed.get(row.id);
    return shiftIds ? { ...row, shiftIds } : row;
  });
}

/** The new rows, with the old object for each row that did not change, so that only changed rows are rendered again. */
export function reuseRows(before: readonly RosterRow[], after: readonly RosterRow[]): RosterRow[] {
  const old = new Map(before.map((row) => [row.id, row]));
  return after.map((row) => {
    const same = old.get(row.id);
    if (same === row) return row;
    const isSame =
      same !== undefined &&
      same.name === row.name &&
      same.shiftIds.length === row.shiftIds.length &&
      same.shiftIds.every((id, index) => id === row.shiftIds[index]);
    return isSame ? same : row;
  });
}

/** What there is of cells, by person and date. */
export function byCell<T extends { user_id: number; date: PlainDate }>(
  items: readonly T[],
): ReadonlyMap<number, ReadonlyMap<PlainDate, T>> {
  const found = new Map<number, Map<PlainDate, T>>();
  for (const item of items) {
    const ofPerson = found.get(item.user_id) ?? new Map<PlainDate, T>();
    found.set(item.user_id, ofPerson.set(item.date, item));
  }
  return found;
}
