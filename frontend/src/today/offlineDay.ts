import { cachedAnswer } from "../api/offlineCache";
import type { components } from "../api/schema";
import { daysFrom, type MonthAnswer } from "../calendar/month";
import { addMonths, monthOf, type PlainDate } from "../lib/dates";
import { dateOf } from "../lib/time";
import { byId, type Shift } from "../shifts/useShifts";

type Dashboard = components["schemas"]["Dashboard"];
type MyDay = Dashboard["mine"];

/** What of Today may be kept on the device: one's own day, nobody else's. */
export const ownPart = (answer: Dashboard): Dashboard => ({ ...answer, team: null });

/** My day when the server is away: as it was told, or, if that day is over, from the calendar; null if neither is known. */
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

/** Today's shift and the next one from what the calendar knew. Punch points are not known. */
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
