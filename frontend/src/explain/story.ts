import type { components } from "../api/schema";
import { t } from "../i18n";
import { dateOf, sayMonthDay } from "../lib/time";

export type Explanation = components["schemas"]["Explanation"];
export type PreviewMessage = components["schemas"]["PreviewMessage"];
type RosterStep = Explanation["roster_steps"][number];
type Absence = Explanation["absences"][number];

/** How the cell came to be what it is, as a sentence. */
export function sayRosterStep(step: RosterStep): string {
  const who = step.changed_by ?? t("why.somebody");
  if (step.before && step.after)
    return t("why.roster_changed", { who, before: step.before, after: step.after });
  if (step.after) return t("why.roster_set", { who, after: step.after });
  return t("why.roster_cleared", { who, before: step.before ?? "" });
}

export function sayAbsence(absence: Absence): string {
  const from = sayMonthDay(absence.first_date);
  return absence.kind === "leave"
    ? t("why.absence_leave", { from, to: sayMonthDay(absence.last_date) })
    : t("why.absence_skip", { from });
}

export interface PreviewDay {
  date: string;
  moments: { at: string; messages: PreviewMessage[] }[];
}

/** Messages by day and by the minute they go out, in order. */
export function byDay(messages: readonly PreviewMessage[]): PreviewDay[] {
  const days: PreviewDay[] = [];
  for (const message of messages) {
    const date = dateOf(message.at);
    let day = days.at(-1);
    if (day?.date !== date) {
      day = { date, moments: [] };
      days.push(day);
    }
    const moment = day.moments.at(-1);
    if (moment?.at === message.at) moment.messages.push(message);
    else day.moments.push({ at: message.at, messages: [message] });
  }
  return days;
}

/** What a date and time field holds, as an instant of the zone the work is in: `2026-12-01T08:50` in Shanghai. */
export function instantOf(local: string, zone: string): string | null {
  const asUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(local) ? Date.parse(`${local}:00Z`) : Number.NaN;
  if (Number.isNaN(asUtc)) return null;
  const offset = offsetMinutes(asUtc, zone);
  // Once more with the offset of the moment itself, which matters within hours of a clock change.
  return new Date(asUtc - offsetMinutes(asUtc - offset * 60_000, zone) * 60_000).toISOString();
}

function offsetMinutes(instant: number, zone: string): number {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
    })
      .formatToParts(instant)
      .map((part) => [part.type, Number(part.value)]),
  ) as Record<string, number>;
  const wall = Date.UTC(parts.year ?? 0, (parts.month ?? 1) - 1, parts.day, parts.hour, parts.minute);
  return Math.round((wall - instant) / 60_000);
}
