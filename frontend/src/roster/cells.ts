import type { PlainDate } from "../lib/dates";

/** One person's line of the roster: a shift or nothing for each date. */
export interface RosterRow {
  id: number;
  name: string;
  shiftIds: (number | null)[];
}

export interface Change {
  user_id: number;
  date: PlainDate;
  shift_id: number | null;
}

export interface Cell {
  row: number;
  column: number;
}

export const keyOf = (userId: number, date: PlainDate) => `${userId} ${date}`;

/** Changes over rows, by cell. */
export type Overlay = ReadonlyMap<string, Change>;

/** What people see: the server's rows with the unsaved changes over them. Untouched rows stay the same objects. */
export function rowsWith(
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

/** New rows, with the old object wherever nothing changed, so that only real changes are drawn again. */
export function keptRows(before: readonly RosterRow[], after: readonly RosterRow[]): RosterRow[] {
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

/** How many people are on each date in a shift that counts, whoever is away left out. */
export function coverage(
  rows: readonly RosterRow[],
  days: number,
  counts: (shiftId: number) => boolean,
  isAway: (row: RosterRow, column: number) => boolean = () => false,
): number[] {
  const totals = new Array<number>(days).fill(0);
  for (const row of rows)
    row.shiftIds.forEach((id, index) => {
      if (id !== null && counts(id) && !isAway(row, index)) totals[index] = (totals[index] ?? 0) + 1;
    });
  return totals;
}

/** Where an arrow, Home, End or Page key leads, with Ctrl to the edge; null for any other key. */
export function moved(
  from: Cell,
  key: string,
  rows: number,
  columns: number,
  isFar = false,
  pageRows = 10,
): Cell | null {
  const to = { ...from };
  if (isFar && (key === "Home" || key === "End")) to.row = key === "Home" ? 0 : rows - 1;
  const far = isFar ? Math.max(rows, columns) : 1;
  switch (key) {
    case "ArrowLeft":
      to.column -= far;
      break;
    case "ArrowRight":
      to.column += far;
      break;
    case "ArrowUp":
      to.row -= far;
      break;
    case "ArrowDown":
      to.row += far;
      break;
    case "Home":
      to.column = 0;
      break;
    case "End":
      to.column = columns - 1;
      break;
    case "PageUp":
      to.row -= pageRows;
      break;
    case "PageDown":
      to.row += pageRows;
      break;
    default:
      return null;
  }
  return {
    row: Math.max(0, Math.min(rows - 1, to.row)),
    column: Math.max(0, Math.min(columns - 1, to.column)),
  };
}

export interface Coded {
  id: number;
  code: string;
}

/**
 * The shift that the typed letters mean: the exact code, or the only one that starts with them. A digit that starts no
 * code is a place in the list, because 早 and 夜 cannot be typed into a table. `isFinal` tells whether one more letter
 * could still mean another shift.
 */
export function shiftTyped<T extends Coded>(
  shifts: readonly T[],
  typed: string,
): { shift: T | null; isFinal: boolean } {
  const wanted = typed.toLowerCase();
  const starting = shifts.filter((shift) => shift.code.toLowerCase().startsWith(wanted));
  const place = /^[1-9]$/.test(typed) && starting.length === 0 ? shifts[Number(typed) - 1] : undefined;
  if (place) return { shift: place, isFinal: true };
  const exact = starting.find((shift) => shift.code.toLowerCase() === wanted) ?? null;
  return {
    shift: exact ?? (starting.length === 1 ? (starting[0] ?? null) : null),
    isFinal: starting.length <= 1,
  };
}

/** The rows to draw of a long roster: those in sight and a few on both sides. */
export function visibleRows(scrollTop: number, height: number, rowHeight: number, total: number, spare = 8) {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - spare);
  const last = Math.min(total, Math.ceil((scrollTop + height) / rowHeight) + spare);
  return { first: Math.min(first, total), last };
}
