import type { Mark } from "./coverage";
import type { Warning } from "./draft";
import { t } from "./words";

const KNOWN = {
  short_rest: "warning.short_rest",
  night_before_morning: "warning.night_before_morning",
  overlap: "warning.overlap",
  long_run: "warning.long_run",
  inactive: "warning.inactive",
} as const;

const KINDS = { leave: "mark.leave", skip: "mark.skip", swap: "mark.swap" } as const;
const KINDS_SHORT = {
  leave: "mark.leave_short",
  skip: "mark.skip_short",
  swap: "mark.swap_short",
} as const;
const PUNCHES = { clock_in: "mark.clock_in", clock_out: "mark.clock_out" } as const;

/** A warning in the reader's language; the server's own words for a code we do not know. */
export function warningText(warning: Warning): string {
  const key = KNOWN[warning.code as keyof typeof KNOWN];
  return key ? t(key, warning.values) : warning.detail;
}

export function markText(mark: Mark): string {
  const kind = t(KINDS[mark.kind]);
  return mark.punch_kind ? `${kind} (${t(PUNCHES[mark.punch_kind])})` : kind;
}

/** The one letter that stands in the cell. */
export const letterOf = (mark: Mark) => t(KINDS_SHORT[mark.kind]);

/** An empty month is nothing about its first cell. */
export const isOfCell = (warning: Warning) => warning.code !== "not_planned";
