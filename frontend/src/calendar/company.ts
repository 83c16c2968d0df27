import type { Shift } from "../shifts/useShifts";
import type { MonthAnswer } from "./month";

export interface Company {
  /** Whether I work on this day myself. */
  isWorking: boolean;
  /** The names on my shift, without me. */
  together: string[];
  others: { shift: Shift; names: string[] }[];
}

/** Who works on the one day of this answer. Rest shifts and whole days of leave are not work. */
export function companyOf(answer: MonthAnswer, shifts: ReadonlyMap<number, Shift>, myId: number): Company {
  const away = new Set(
    answer.marks
      .filter((mark) => mark.kind === "leave" && mark.punch_kind === null)
      .map((mark) => mark.user_id),
  );
  const byShift = new Map<number, string[]>();
  let mine: number | null = null;
  for (const row of answer.users) {
    const shift = shifts.get(row.shift_ids[0] ?? 0);
    if (!shift || shift.is_rest || away.has(row.id)) continue;
    if (row.id === myId) mine = shift.id;
    else byShift.set(shift.id, [...(byShift.get(shift.id) ?? []), row.display_name]);
  }
  const start = (shift: Shift) => shift.periods[0]?.start ?? "";
  return {
    isWorking: mine !== null,
    together: mine === null ? [] : (byShift.get(mine) ?? []),
    others: [...byShift]
      .filter(([id]) => id !== mine)
      .flatMap(([id, names]) => {
        const shift = shifts.get(id);
        return shift ? [{ shift, names }] : [];
      })
      .sort((one, other) => start(one.shift).localeCompare(start(other.shift))),
  };
}
