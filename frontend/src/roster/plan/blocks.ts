import { addDays, addMonths, datesOfMonth, mondayOf, monthOf, type PlainDate } from "../../lib/dates";

/** What is copied. A week is named by its Monday, a month by `2026-12`. */
export type Block = "week" | "month";

/** The blocks around a date, from so many before to so many after. */
export function blocksAround(block: Block, date: PlainDate, before: number, after: number): string[] {
  return Array.from({ length: before + after + 1 }, (_, index) =>
    block === "week"
      ? addDays(mondayOf(date), 7 * (index - before))
      : addMonths(monthOf(date), index - before),
  );
}

/** First and last date of a block. */
export function spanOf(block: Block, start: string): [PlainDate, PlainDate] {
  if (block === "week") return [start, addDays(start, 6)];
  const dates = datesOfMonth(start);
  return [dates[0] ?? start, dates.at(-1) ?? start];
}

/** The dates that so many blocks in a row take. */
export function targetOf(block: Block, start: string, times: number): [PlainDate, PlainDate] {
  const last = block === "week" ? addDays(start, 7 * (times - 1)) : addMonths(start, times - 1);
  return [spanOf(block, start)[0], spanOf(block, last)[1]];
}
