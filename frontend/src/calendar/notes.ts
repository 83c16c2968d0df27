import type { CalendarDay, DayNote } from "./month";
import { t } from "./words";

const WORDS = {
  leave: { whole: "note.leave", clock_in: "note.leave_in", clock_out: "note.leave_out" },
  skip: { whole: "note.skip", clock_in: "note.skip_in", clock_out: "note.skip_out" },
  swap: { whole: "note.swap", clock_in: "note.swap", clock_out: "note.swap" },
} as const;
const SHORT = { leave: "short.leave", skip: "short.skip", swap: "short.swap" } as const;

export const noteText = (note: DayNote) => t(WORDS[note.kind][note.punch_kind ?? "whole"]);

/** The one letter that stands in the cell. */
export const letterOf = (note: DayNote) => t(SHORT[note.kind]);

/** On leave for the whole day: the shift stays on the roster, but is not worked. */
export const isAway = ({ shift, notes }: CalendarDay) =>
  shift?.is_rest === false && notes.some((note) => note.kind === "leave" && note.punch_kind === null);
