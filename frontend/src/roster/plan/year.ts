import type { components } from "../../api/schema";
import { addDays, datesFrom, daysBetween, type PlainDate } from "../../lib/dates";

export type CalendarYear = components["schemas"]["CalendarYear"];
export type DayKind = components["schemas"]["DayKind"];

/** Days off in a row under one name, or a single make-up day. */
export interface Stretch {
  name: string;
  from: PlainDate;
  to: PlainDate;
  days: number;
}

export function datesOfYear(year: number): PlainDate[] {
  return datesFrom(`${year}-01-01`, daysBetween(`${year}-01-01`, `${year + 1}-01-01`));
}

/** The holidays of a year as people name them: 国庆 10月1–7日. */
export function holidaysOf({ year, days }: CalendarYear): Stretch[] {
  const found: Stretch[] = [];
  for (const date of datesOfYear(year)) {
    const day = days[date];
    if (day?.kind !== "holiday") continue;
    const last = found.at(-1);
    if (last && last.name === day.name && addDays(last.to, 1) === date) {
      last.to = date;
      last.days++;
    } else found.push({ name: day.name, from: date, to: date, days: 1 });
  }
  return found;
}

export function makeUpDaysOf({ year, days }: CalendarYear): PlainDate[] {
  return datesOfYear(year).filter((date) => days[date]?.kind === "makeup_workday");
}

/** Where an arrow key leads inside the year; null leaves the key to the page. */
export function dateBeside(date: PlainDate, key: string, year: number): PlainDate | null {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7, PageUp: -28, PageDown: 28 }[key];
  if (step === undefined) return null;
  const next = addDays(date, step);
  return next.startsWith(`${year}-`) ? next : date;
}
