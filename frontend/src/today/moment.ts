import type { components } from "../api/schema";
import { t } from "../i18n";
import { formatDateTime, formatDuration, formatTime } from "../lib/time";
import { markOf } from "../ui/StateMark";

export type Reminder = components["schemas"]["ReminderRead"];

/** What the person must know at this minute, and what they can do about it. */
export interface Moment {
  sentence: string;
  /** Only `now` is shown in vermilion. */
  tone: "now" | "calm" | "done" | "quiet";
  /** The punch that the big button is about. */
  act: Reminder | null;
  /** What may still be taken back. */
  undo: Reminder | null;
}

const MINUTE_MS = 60_000;

export const isOpen = (reminder: Reminder) =>
  reminder.status === "scheduled" || reminder.status === "nagging";
const isIn = (reminder: Reminder) => reminder.kind === "clock_in";

function minutesUntil(instant: string, now: number): number {
  return Math.ceil((Date.parse(instant) - now) / MINUTE_MS);
}

/** The open punch that is next; one whose window is over is the past. */
export function nextOpen(reminders: readonly Reminder[], now: number): Reminder | null {
  const open = reminders.filter((reminder) => isOpen(reminder) && Date.parse(reminder.ends_at) > now);
  return open.sort((one, other) => one.point_at.localeCompare(other.point_at))[0] ?? null;
}

/** The latest punch that was missed, while the work goes on and nothing else is due: it can still be recorded. */
export function missedNow(reminders: readonly Reminder[], now: number): Reminder | null {
  const passed = reminders.filter((reminder) => Date.parse(reminder.point_at) <= now);
  const last = passed.sort((one, other) => one.point_at.localeCompare(other.point_at)).at(-1);
  const isAtWork = reminders.some((reminder) => Date.parse(reminder.point_at) > now);
  return last && isAtWork && isIn(last) && markOf(last.status) === "missed" ? last : null;
}

export function momentOf(
  reminders: readonly Reminder[],
  shift: { name: string; is_rest: boolean } | null,
  now: number,
): Moment {
  const act = nextOpen(reminders, now);
  const undo =
    reminders.find((each) => each.can_undo_until !== null && Date.parse(each.can_undo_until) > now) ?? null;
  const missed = missedNow(reminders, now);
  if (missed && !(act && hasOpened(act, now))) {
    const span = formatDuration(Math.abs(minutesUntil(missed.point_at, now)));
    return { sentence: t("today.late_in", { span }), tone: "now", act: missed, undo };
  }
  if (act) return { ...sentenceFor(act, reminders, now), act, undo };

  if (reminders.length === 0)
    return {
      sentence:
        shift === null ? t("today.not_planned") : shift.is_rest ? t("today.rest") : t("today.no_reminders"),
      tone: "quiet",
      act: null,
      undo,
    };
  const marks = reminders.map((reminder) => markOf(reminder.status));
  if (marks.includes("missed")) {
    const missed = reminders[marks.lastIndexOf("missed")];
    const sentence = t(missed && isIn(missed) ? "today.missed_in" : "today.missed_out");
    return { sentence, tone: "now", act: null, undo };
  }
  if (marks.every((mark) => mark === "skipped"))
    return {
      sentence: t(reminders.every((each) => each.ended_by === "leave") ? "today.leave" : "today.skipped"),
      tone: "quiet",
      act: null,
      undo,
    };
  return { sentence: t("today.all_done"), tone: "done", act: null, undo };
}

const hasOpened = (reminder: Reminder, now: number) =>
  reminder.status === "nagging" || Date.parse(reminder.opens_at) <= now;

function sentenceFor(
  act: Reminder,
  reminders: readonly Reminder[],
  now: number,
): Pick<Moment, "sentence" | "tone"> {
  const minutes = minutesUntil(act.point_at, now);
  if (act.snoozed_until && Date.parse(act.snoozed_until) > now)
    return { sentence: t("today.snoozed", { time: formatTime(act.snoozed_until) }), tone: "now" };
  if (hasOpened(act, now)) {
    const span = formatDuration(Math.abs(minutes));
    if (minutes > 0)
      return { sentence: t(isIn(act) ? "today.soon_in" : "today.soon_out", { span }), tone: "now" };
    if (minutes === 0) return { sentence: t(isIn(act) ? "today.now_in" : "today.now_out"), tone: "now" };
    return { sentence: t(isIn(act) ? "today.late_in" : "today.late_out", { span }), tone: "now" };
  }
  const isAfterDone = reminders.some(
    (reminder) => markOf(reminder.status) === "done" && reminder.work_date === act.work_date,
  );
  const params = {
    span: formatDuration(minutes),
    time: formatDateTime(act.point_at, now),
    clock: formatTime(act.point_at),
  };
  if (isAfterDone)
    return { sentence: t(isIn(act) ? "today.done_then_in" : "today.done_then_out", params), tone: "done" };
  // Hours ahead, the time of day is clearer than a number of minutes.
  if (minutes > 120)
    return { sentence: t(isIn(act) ? "today.later_in" : "today.later_out", params), tone: "calm" };
  return { sentence: t(isIn(act) ? "today.soon_in" : "today.soon_out", params), tone: "calm" };
}

/** Whether the big button makes sense: its window is open, or nearly so for those who punch early. */
export function canAct(act: Reminder, now: number): boolean {
  const EARLY_MS = 3 * 60 * MINUTE_MS;
  return Date.parse(act.point_at) - now < EARLY_MS;
}

export interface DayLine {
  from: number;
  to: number;
  spans: { from: number; to: number }[];
  points: Reminder[];
  hours: number[];
}

const HOUR_MS = 60 * MINUTE_MS;

interface PeriodSpan {
  start_at: string;
  end_at: string;
}

/** The day as a line: an hour and a half around the work, its stretches, its punch points, and round hours to read it by. */
export function dayLineOf(reminders: readonly Reminder[], periods: readonly PeriodSpan[]): DayLine | null {
  const points = [...reminders].sort((one, other) => one.point_at.localeCompare(other.point_at));
  const spans = periods.map((period) => ({
    from: Date.parse(period.start_at),
    to: Date.parse(period.end_at),
  }));
  const instants = [
    ...points.map((point) => Date.parse(point.point_at)),
    ...spans.flatMap(({ from, to }) => [from, to]),
  ];
  if (instants.length === 0) return null;
  const from = Math.floor((Math.min(...instants) - 1.5 * HOUR_MS) / HOUR_MS) * HOUR_MS;
  const to = Math.ceil((Math.max(...instants) + 1.5 * HOUR_MS) / HOUR_MS) * HOUR_MS;
  const count = (to - from) / HOUR_MS;
  const step = count > 18 ? 6 : count > 8 ? 3 : 2;
  const hours: number[] = [];
  for (let hour = from; hour <= to; hour += HOUR_MS)
    if (Number(formatTime(hour).slice(0, 2)) % step === 0) hours.push(hour);
  return { from, to, spans, points, hours };
}
