import { dateIn } from "../lib/dates";

export const STATUSES = ["queued", "sending", "sent", "throttled", "failed", "expired"] as const;
export type Status = (typeof STATUSES)[number];
export const OCCASIONS = ["reminder", "escalation", "roster", "alert", "backup", "test"] as const;
export type Occasion = (typeof OCCASIONS)[number];

/** What the log is filtered by; the address of the page holds it. */
export interface LogFilter {
  status: Status | undefined;
  occasion: Occasion | undefined;
  channel: number | undefined;
  person: number | undefined;
  team: number | undefined;
  from: string;
  to: string;
  q: string;
}

/** The filter of an address; values that mean nothing are left out. */
export function filterIn(query: URLSearchParams): LogFilter {
  return {
    status: STATUSES.find((each) => each === query.get("status")),
    occasion: OCCASIONS.find((each) => each === query.get("occasion")),
    channel: Number(query.get("channel")) || undefined,
    person: Number(query.get("person")) || undefined,
    team: Number(query.get("team")) || undefined,
    from: dateIn(query.get("from")) ?? "",
    to: dateIn(query.get("to")) ?? "",
    q: query.get("q") ?? "",
  };
}

export const isFiltered = (filter: LogFilter) => Object.values(filter).some(Boolean);

/** The filter as the API's query. */
export function queryOf({ status, occasion, channel, person, team, from, to, q }: LogFilter) {
  return {
    status,
    occasion,
    channel_id: channel,
    user_id: person,
    team_id: team,
    from: from || undefined,
    to: to || undefined,
    q: q || undefined,
  };
}
