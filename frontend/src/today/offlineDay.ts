import { cachedAnswer } from "../api/offlineCache";
import type { components } from "../api/schema";
import { daysFrom, type MonthAnswer } from "../calendar/month";
import { addMonths, monthOf, type PlainDate } from "../lib/dates";
import { dateOf } from "../lib/time";
import { byId, type Shift } from "../shifts/useShifts";

type Dashboard = components["schemas"]["Dashboard"];
type MyDay = Dashboard["mine"];

/** The part of Today that may be cached on the device: one's own day, nobody else's. */
export const ownPart = (answer: Dashboard): Dashboard => ({ ...answer, team: null });

/** My day without the server: the cached one, or, if that is over, from the cached calendar; null without both. */
export function myDayWithoutServer(kept: MyDay, now: number): MyDay | null {
  const today = dateOf(now);
  if (kept.work_date === today || kept.periods.some((period) => Date.parse(period.end_at) > now)) return kept;
  const month = monthOf(today);
  const answers = [month, addMonths(month, 1)].map(
    (each) => cachedAnswer<MonthAnswer>(`month ${each}`)?.value,
  );
  const shifts = cachedAnswer<Shift[]>("shifts")?.value;
  return answers[0] && shifts
    ? myDayFrom(
        answers.filter((answer) => answer !== undefined),
        byId(shifts),
        today,
      )
    : null;
}

/** Today's shift and the next one from the cached calendar, which has no punch points. */
export function myDayFrom(
  answers: readonly MonthAnswer[],
  shifts: ReadonlyMap<number, Shift>,
  today: PlainDate,
): MyDay {
  const days = answers.flatMap((answer) => [...daysFrom(answer, shifts).values()]);
  const day = days.find((each) => each.date === today);
  const next = days.find((each) => each.date > today && each.shift && !each.shift.is_rest);
  return {
    work_date: today,
    day: answers.find((answer) => answer.days[today])?.days[today] ?? { kind: "workday", name: "" },
    shift: day?.shift ?? null,
    periods: [],
    reminders: [],
    next_punch: null,
    next_shift: next?.shift
      ? { work_date: next.date, shift: next.shift, start_at: null, end_at: null }
      : null,
    unread_messages: 0,
  };
}
