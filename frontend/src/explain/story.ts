import type { components } from "../api/schema";
import { holidayName } from "../lib/holidays";
import { dateOf, formatDateRange, formatMonthDay } from "../lib/time";
import { t } from "./words";

export type Explanation = components["schemas"]["Explanation"];
export type PreviewMessage = components["schemas"]["PreviewMessage"];
type RosterStep = Explanation["roster_steps"][number];
type Absence = Explanation["absences"][number];

/** How the cell came to be what it is, as a sentence. */
export function describeRosterStep(step: RosterStep): string {
  const who = step.changed_by ?? t("why.somebody");
  if (step.before && step.after)
    return t("why.roster_changed", { who, before: step.before, after: step.after });
  if (step.after) return t("why.roster_set", { who, after: step.after });
  return t("why.roster_cleared", { who, before: step.before ?? "" });
}

/** A draft of the cell, from which nothing follows yet. */
export const describeDraft = (draft: NonNullable<Explanation["draft"]>): string =>
  t("why.draft", {
    who: draft.changed_by ?? t("why.somebody"),
    after: draft.shift ?? t("why.draft_blank"),
  });

export const describeDayKind = ({ kind, name }: Explanation["day"]) =>
  t(`why.day_${kind}`, { name: holidayName(name ?? "") }).trim();

export function describeAbsence(absence: Absence): string {
  const { kind, first_date, last_date } = absence;
  return kind === "leave"
    ? t("why.absence_leave", { days: formatDateRange(first_date, last_date) })
    : t("why.absence_skip", { from: formatMonthDay(first_date) });
}

/** The same words to the same people on the same way, at one or several moments of a day. */
export interface PreviewRow {
  times: string[];
  message: PreviewMessage;
  people: PreviewMessage["people"];
  /** How many messages go out each time: a robot's group is split, and everybody's own channel takes its own. */
  count: number;
}

export interface PreviewDay {
  date: string;
  rows: PreviewRow[];
}

/**
 * Messages by day, in order. Reminders to personal channels of one kind are listed together, and steps that
 * repeat a message are further times of the same row.
 */
export function byDay(messages: readonly PreviewMessage[]): PreviewDay[] {
  const days = new Map<string, Map<string, PreviewRow>>();
  for (const row of together(messages)) {
    const date = dateOf(row.message.at);
    const rows = days.get(date) ?? new Map<string, PreviewRow>();
    days.set(date, rows);
    const key = [
      wayOf(row.message),
      ...row.people.map((person) => `${person.user_id} ${person.point_at}`),
    ].join();
    const same = rows.get(key);
    if (same) same.times.push(row.message.at);
    else rows.set(key, row);
  }
  return [...days].map(([date, rows]) => ({ date, rows: [...rows.values()] }));
}

/** What goes out at one moment on one way, as one row. */
function together(messages: readonly PreviewMessage[]): PreviewRow[] {
  const rows = new Map<string, PreviewRow>();
  for (const message of messages) {
    const key = `${message.at} ${wayOf(message)}`;
    const row = rows.get(key);
    if (row) {
      row.people = [...row.people, ...message.people];
      row.count += 1;
    } else rows.set(key, { times: [message.at], message, people: message.people, count: 1 });
  }
  return [...rows.values()];
}

function wayOf(message: PreviewMessage): string {
  const { occasion, kind, channel_id, channel_kind } = message;
  return `${occasion} ${kind} ${isToOneself(message) ? channel_kind : channel_id}`;
}

/** Whether it goes to the person concerned, on a personal channel. */
export function isToOneself(message: PreviewMessage): boolean {
  const isOwn = message.owner !== null || message.channel_id === null;
  return message.occasion === "reminder" && isOwn;
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
