import { addDays, mondayOf, type PlainDate } from "../lib/dates";

export type DaysToFill = "workdays" | "daily" | "today";

const WEEKS = 4;
export const lastDay = (today: PlainDate) => addDays(today, WEEKS * 7 - 1);

/**
 * What to fill, one request after another: today in any case, so that it is seen at once that it works, and then the
 * days up to `lastDay`. What is planned already stays.
 */
export function fillsOf(days: DaysToFill, shift: number, today: PlainDate) {
  const daily = { cycle: [shift], from: today, to: today, calendar: "ignore" as const };
  if (days === "today") return [daily];
  if (days === "daily") return [{ ...daily, to: lastDay(today) }];
  const week = [shift, shift, shift, shift, shift, null, null];
  const workdays = { cycle: week, anchor: mondayOf(today), calendar: "follow" as const };
  return [daily, { ...workdays, from: addDays(today, 1), to: lastDay(today) }];
}
