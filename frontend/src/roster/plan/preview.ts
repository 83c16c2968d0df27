import type { components } from "../../api/schema";
import type { PlainDate } from "../../lib/dates";

type Roster = components["schemas"]["Roster"];
export type Filled = components["schemas"]["Filled"];
export type PreviewCell = components["schemas"]["PreviewCell"];

export interface DrawnCell {
  shiftId: number | null;
  /** What a fill does to it: nothing, isPlanner a blank one, gives another shift, or clears it. */
  change: "none" | "new" | "moved" | "cleared";
}

export interface DrawnRow {
  id: number;
  name: string;
  cells: DrawnCell[];
}

/** The roster as it would be, and what of it would be new. */
export function previewRows(
  roster: Pick<Roster, "dates" | "users">,
  cells: readonly PreviewCell[],
): DrawnRow[] {
  const changed = new Map(cells.map((cell) => [`${cell.user_id} ${cell.date}`, cell]));
  return roster.users.map((user) => ({
    id: user.id,
    name: user.display_name,
    cells: roster.dates.map((date: PlainDate, column): DrawnCell => {
      const now = user.shift_ids[column] ?? null;
      const cell = changed.get(`${user.id} ${date}`);
      if (!cell) return { shiftId: now, change: "none" };
      if (cell.shift_id === null) return { shiftId: null, change: "cleared" };
      return { shiftId: cell.shift_id, change: cell.before_shift_id === null ? "new" : "moved" };
    }),
  }));
}

export interface Counts {
  added: number;
  moved: number;
  cleared: number;
}

export function countsOf(cells: readonly PreviewCell[]): Counts {
  const counts: Counts = { added: 0, moved: 0, cleared: 0 };
  for (const cell of cells) {
    if (cell.shift_id === null) counts.cleared++;
    else if (cell.before_shift_id === null) counts.added++;
    else counts.moved++;
  }
  return counts;
}
