import type { components } from "../api/schema";
import { type PlainDate, weekdayOf } from "../lib/dates";
import { minutesOf } from "../shifts/periods";
import type { Shift } from "../shifts/useShifts";
import type { RosterRow } from "./cells";

export type Need = components["schemas"]["Need"];
export type Mark = components["schemas"]["RosterMark"];
/** Marks of one person by date. */
export type MarksByDate = ReadonlyMap<PlainDate, readonly Mark[]>;

const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** Marks by person and date. */
export function marksByCell(
  marks: readonly Mark[],
  dates: readonly PlainDate[],
): ReadonlyMap<number, MarksByDate> {
  const found = new Map<number, Map<PlainDate, Mark[]>>();
  for (const mark of marks)
    for (const date of dates) {
      if (date < mark.first_date || date > mark.last_date) continue;
      const ofPerson = found.get(mark.user_id) ?? new Map<PlainDate, Mark[]>();
      found.set(mark.user_id, ofPerson);
      ofPerson.set(date, [...(ofPerson.get(date) ?? []), mark]);
    }
  return found;
}

/** On leave for the whole day, and therefore absent whatever the cell holds. */
export const isAway = (marks: readonly Mark[] | undefined) =>
  marks?.some((mark) => mark.kind === "leave" && !mark.punch_kind) ?? false;

/**
 * How many people a shift needs on a date; null if nothing is set. The most specific setting applies: holiday or make-up
 * workday, then the weekday, then workday or weekend, then any day. A make-up workday without a setting of its own counts as
 * a workday.
 */
export function requiredPeople(
  needs: ReadonlyMap<string, number>,
  shiftId: number,
  date: PlainDate,
  kind: string,
): number | null {
  const isSpecial = kind === "holiday" || kind === "makeup_workday";
  const ordinary = kind === "makeup_workday" ? "workday" : kind;
  const settings = [...(isSpecial ? [kind, ordinary] : []), WEEKDAYS[weekdayOf(date)] ?? "", ordinary, "any"];
  for (const day of settings) {
    const people = needs.get(`${shiftId} ${day}`);
    if (people !== undefined) return people;
  }
  return null;
}

export interface DayCoverage {
  planned: number;
  /** Null where no need is set. */
  needed: number | null;
}

export const shortfall = ({ planned, needed }: DayCoverage) => Math.max(0, (needed ?? 0) - planned);

/** For each shift with a need: people planned and needed on each date, unsaved changes included. */
export function shiftCoverage(
  rows: readonly RosterRow[],
  dates: readonly PlainDate[],
  needs: readonly Need[],
  kindOf: (date: PlainDate) => string,
  marks: ReadonlyMap<number, MarksByDate>,
): ReadonlyMap<number, DayCoverage[]> {
  const byShiftAndDay = new Map(needs.map((need) => [`${need.shift_id} ${need.day}`, need.people]));
  const covered = new Map<number, DayCoverage[]>();
  for (const { shift_id } of needs)
    if (!covered.has(shift_id))
      covered.set(
        shift_id,
        dates.map((date) => ({
          planned: 0,
          needed: requiredPeople(byShiftAndDay, shift_id, date, kindOf(date)),
        })),
      );
  if (covered.size === 0) return covered;
  for (const row of rows) {
    const away = marks.get(row.id);
    row.shiftIds.forEach((id, column) => {
      const here = id === null ? undefined : covered.get(id)?.[column];
      if (here && !isAway(away?.get(dates[column] ?? ""))) here.planned++;
    });
  }
  return covered;
}

/** For each date, how many people have a shift that counts and are not on leave. */
export function staffTotals(
  rows: readonly RosterRow[],
  dates: readonly PlainDate[],
  counted: ReadonlySet<number>,
  marks: ReadonlyMap<number, MarksByDate>,
): number[] {
  const totals = dates.map(() => 0);
  // Counted anew after each edit.
  for (const { id, shiftIds } of rows) {
    const away = marks.get(id);
    shiftIds.forEach((shiftId, column) => {
      if (shiftId === null || !counted.has(shiftId) || (away && isAway(away.get(dates[column] ?? ""))))
        return;
      totals[column] = (totals[column] ?? 0) + 1;
    });
  }
  return totals;
}

/** A person's days and hours of work; days of leave do not count. */
export function totalOf(
  shiftIds: readonly (number | null)[],
  shifts: ReadonlyMap<number, Shift>,
  isAway: (column: number) => boolean,
): { days: number; hours: number } {
  let days = 0;
  let minutes = 0;
  shiftIds.forEach((id, column) => {
    const shift = id === null ? undefined : shifts.get(id);
    if (!shift || shift.is_rest || isAway(column)) return;
    days++;
    minutes += minutesOf(shift.periods);
  });
  return { days, hours: Math.round(minutes / 6) / 10 };
}
