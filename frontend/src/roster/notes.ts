import type { Mark } from "./coverage";
import type { Warning } from "./draft";
import { t } from "./words";

const WARNINGS = {
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

/** A warning in the reader's language; for an unknown code the server's English text. */
export function warningText(warning: Warning): string {
  const key = WARNINGS[warning.code as keyof typeof WARNINGS];
  return key ? t(key, warning.values) : warning.detail;
}

export function markText(mark: Mark): string {
  const kind = t(KINDS[mark.kind]);
  return mark.punch_kind ? `${kind} (${t(PUNCHES[mark.punch_kind])})` : kind;
}

/** The letter shown in the cell. */
export const markLetter = (mark: Mark) => t(KINDS_SHORT[mark.kind]);

/** `not_planned` is about a month, although its date is that of the first day. */
export const isOfCell = (warning: Warning) => warning.code !== "not_planned";

/** The notes of one cell: its marks, then its warnings. */
export const cellNotes = (marks: readonly Mark[] = [], warnings: readonly Warning[] = []): string[] => [
  ...marks.map(markText),
  ...warnings.filter(isOfCell).map(warningText),
];
