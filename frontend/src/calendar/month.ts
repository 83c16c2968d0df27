import { api } from "../api/client";
import { fetchOrCached } from "../api/offlineCache";
import type { components } from "../api/schema";
import { me } from "../api/session";
import {
  addDays,
  addMonths,
  mondayOf,
  monthOf,
  type PlainDate,
  type PlainMonth,
  weeksOfMonth,
} from "../lib/dates";
import { holidayName } from "../lib/holidays";
import type { Shift } from "../shifts/useShifts";

export type MonthAnswer = components["schemas"]["Roster"];
export type DayNote = components["schemas"]["RosterMark"];

export interface CalendarDay {
  date: PlainDate;
  kind: string;
  holiday: string;
  shift: Shift | undefined;
  /** Leave, skipped days and open swaps that touch this day. */
  notes: DayNote[];
}

/** What the month's table and its list are drawn from. */
export interface MonthProps {
  month: PlainMonth;
  days: ReadonlyMap<PlainDate, CalendarDay>;
  today: PlainDate;
  chosen: PlainDate;
  onChoose: (date: PlainDate) => void;
}

/** My month with the weeks at its ends; the last answer when the server is away. */
export function fetchMonth(month: PlainMonth): Promise<MonthAnswer> {
  const weeks = weeksOfMonth(month);
  const from = weeks[0]?.[0] ?? `${month}-01`;
  const to = weeks.at(-1)?.at(-1) ?? from;
  const user_id = me.peek()?.id ?? 0;
  return fetchOrCached(`month ${month}`, () => api.get("/api/v1/roster", { query: { from, to, user_id } }));
}

/** My month by date, from the roster's answer for me alone. */
export function daysFrom(
  answer: MonthAnswer,
  shifts: ReadonlyMap<number, Shift>,
): Map<PlainDate, CalendarDay> {
  const mine = answer.users[0];
  return new Map(
    answer.dates.map((date, index) => {
      const id = mine?.shift_ids[index];
      const day = answer.days[date];
      return [
        date,
        {
          date,
          kind: day?.kind ?? "",
          holiday: holidayName(day?.name ?? ""),
          shift: typeof id === "number" ? shifts.get(id) : undefined,
          notes: answer.marks.filter(
            (mark) => mark.user_id === mine?.id && mark.first_date <= date && date <= mark.last_date,
          ),
        },
      ];
    }),
  );
}

/** Where a key leads from a day. */
export function dayFrom(date: PlainDate, key: string): PlainDate | null {
  const sameDayOf = (month: PlainMonth) => {
    const same = addDays(`${month}-01`, Number(date.slice(8)) - 1);
    return monthOf(same) === month ? same : addDays(`${addMonths(month, 1)}-01`, -1);
  };
  const targets: Record<string, () => PlainDate> = {
    ArrowLeft: () => addDays(date, -1),
    ArrowRight: () => addDays(date, 1),
    ArrowUp: () => addDays(date, -7),
    ArrowDown: () => addDays(date, 7),
    Home: () => mondayOf(date),
    End: () => addDays(mondayOf(date), 6),
    PageUp: () => sameDayOf(addMonths(monthOf(date), -1)),
    PageDown: () => sameDayOf(addMonths(monthOf(date), 1)),
  };
  return targets[key]?.() ?? null;
}
