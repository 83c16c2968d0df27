import type { Mark } from "./coverage";
import type { Warning } from "./warnings";
import { ownTranslation, t } from "./words";

/** A warning in the reader's language; for an unknown code the server's English text. */
export const warningText = (warning: Warning) =>
  ownTranslation(`warning.${warning.code}`, warning.values) ?? warning.detail;

export function markText(mark: Mark): string {
  const kind = t(`mark.${mark.kind}`);
  return mark.punch_kind ? `${kind} (${t(`mark.${mark.punch_kind}`)})` : kind;
}

/** The letter shown in the cell. */
export const markLetter = (mark: Mark) => t(`mark.${mark.kind}_short`);

/** `not_planned` is about a month, although its date is that of the first day. */
export const isOfCell = (warning: Warning) => warning.code !== "not_planned";

/** The notes of one cell: its marks, then its warnings. */
export const cellNotes = (marks: readonly Mark[] = [], warnings: readonly Warning[] = []): string[] => [
  ...marks.map(markText),
  ...warnings.filter(isOfCell).map(warningText),
];
