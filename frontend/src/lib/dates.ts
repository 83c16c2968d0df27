/** Plain dates, `2026-11-24`. A work date has no zone and no hour, so it never becomes a Date on its way. */
export type PlainDate = string;

const DAY_MS = 86_400_000;

function utc(date: PlainDate): number {
  return Date.parse(`${date}T00:00:00Z`);
}

export function addDays(date: PlainDate, days: number): PlainDate {
  return new Date(utc(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The date that an address or a field says, if there is such a date; years of four digits only, as a roster has them. */
export function dateIn(text: string | null): PlainDate | undefined {
  if (!text || !/^[12]\d{3}-\d\d-\d\d$/.test(text) || Number.isNaN(utc(text))) return;
  return addDays(text, 0) === text ? text : undefined;
}

export function daysBetween(from: PlainDate, to: PlainDate): number {
  return Math.round((utc(to) - utc(from)) / DAY_MS);
}

/** Monday is 0, Sunday is 6. */
export function weekdayOf(date: PlainDate): number {
  return (new Date(utc(date)).getUTCDay() + 6) % 7;
}

export function mondayOf(date: PlainDate): PlainDate {
  return addDays(date, -weekdayOf(date));
}

export function datesFrom(from: PlainDate, count: number): PlainDate[] {
  return Array.from({ length: count }, (_, index) => addDays(from, index));
}

/** `2026-11` */
export type PlainMonth = string;

export function monthOf(date: PlainDate): PlainMonth {
  return date.slice(0, 7);
}

export function addMonths(month: PlainMonth, months: number): PlainMonth {
  const [year = 1970, number = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}

export function datesOfMonth(month: PlainMonth): PlainDate[] {
  const first = `${month}-01`;
  return datesFrom(first, daysBetween(first, `${addMonths(month, 1)}-01`));
}

/** The weeks of a month, Monday first, with the days of its neighbours to fill the corners. */
export function weeksOfMonth(month: PlainMonth): PlainDate[][] {
  const weeks: PlainDate[][] = [];
  for (let monday = mondayOf(`${month}-01`); monthOf(monday) <= month; monday = addDays(monday, 7))
    weeks.push(datesFrom(monday, 7));
  return weeks;
}
