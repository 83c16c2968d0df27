import { api } from "../api/client";
import type { components } from "../api/schema";
import type { PlainDate } from "../lib/dates";
import type { PageName } from "../lib/router";

/** Nobody needs the steps any more: a reminder was sent, or the person put them away. */
export const GONE = "daka.first_steps";

export type StepName = "channel" | "people" | "shift" | "roster" | "phone" | "reminder";
/** `untried`: it is there, but was not seen to work. */
export type Standing = "done" | "to_do" | "untried" | "broken";

export interface Step {
  name: StepName;
  page: PageName;
  standing: Standing;
}

interface Found {
  channels: readonly Pick<components["schemas"]["ChannelRead"], "kind" | "status" | "is_enabled">[];
  people: number;
  shifts: number;
  isPlanned: boolean;
  /** Whether a phone opened the address in messages; null: it is not ours to try. */
  isPhoneTried: boolean | null;
  /** The kinds of channels over which reminders were sent. */
  sentOver: readonly string[];
}

/** What the server knows of the first steps. */
export async function fetchStanding(from: PlainDate, to: PlainDate, isAdmin: boolean): Promise<Found> {
  const sent = await api.get("/api/v1/deliveries", {
    query: { occasion: "reminder", status: "sent", limit: 20 },
  });
  const sentOver = sent.items.map((each) => each.channel_kind);
  if (isOutside(sentOver))
    return { channels: [], people: 0, shifts: 0, isPlanned: true, isPhoneTried: null, sentOver };
  const [roster, shifts, people, channels, phone] = await Promise.all([
    api.get("/api/v1/roster", { query: { from, to } }),
    api.get("/api/v1/shifts"),
    api.get("/api/v1/users", { query: { limit: 2 } }),
    api.get("/api/v1/channels"),
    isAdmin ? api.get("/api/v1/doctor/phone") : null,
  ]);
  return {
    channels: channels.items,
    people: people.items.length,
    shifts: shifts.items.filter((shift) => !shift.is_rest).length,
    isPlanned: roster.users.some((person) => person.shift_ids.some((shift) => shift !== null)),
    isPhoneTried: phone && phone.opened_at !== null,
    sentOver,
  };
}

const isOutside = (kinds: readonly string[]) => kinds.some((kind) => kind !== "inbox");

function standingOfChannels(channels: Found["channels"]): Standing {
  const all = channels.filter((each) => each.kind !== "inbox" && each.is_enabled);
  if (all.some((each) => each.status === "ok" || each.status === "throttled")) return "done";
  if (all.some((each) => each.status === "untried")) return "untried";
  return all.length > 0 ? "broken" : "to_do";
}

/**
 * The steps from an empty server to the first reminder; none once one was sent to the outside. Planners, whose page they
 * would crowd, see them only until somebody is planned.
 */
export function stepsOf(found: Found, isAdmin: boolean): Step[] {
  if (isOutside(found.sentOver) || (found.isPlanned && !isAdmin)) return [];
  const isDone = (done: boolean): Standing => (done ? "done" : "to_do");
  return [
    { name: "channel", page: "channels", standing: standingOfChannels(found.channels) },
    { name: "people", page: "people", standing: isDone(found.people > 1) },
    { name: "shift", page: "shifts", standing: isDone(found.shifts > 0) },
    { name: "roster", page: "roster", standing: isDone(found.isPlanned) },
    ...(found.isPhoneTried === null
      ? []
      : [{ name: "phone" as const, page: "settings" as const, standing: isDone(found.isPhoneTried) }]),
    { name: "reminder", page: "log", standing: "to_do" },
  ];
}
