import type { components } from "../api/schema";
import { localized } from "../i18n";
import type { PlainDate } from "../lib/dates";
import { leaveTypeName } from "../requests/leaveTypes";
import type { Shift } from "../shifts/useShifts";
import { type Wish, wishText } from "../wishes/wish";
import type { Mark } from "./coverage";
import type { Draft } from "./drafts/drafts";
import { type Codes, readCode, settledShift } from "./grid/typing";
import type { Warning } from "./warnings";
import { ownTranslation, t } from "./words";

/** A warning in the reader's language; for an unknown code the server's English text. */
export const warningText = (warning: Warning) =>
  ownTranslation(`warning.${warning.code}`, warning.values) ?? warning.detail;

export function markText(mark: Mark): string {
  const kind = mark.leave_type ? leaveTypeName(mark.leave_type) : t(`mark.${mark.kind}`);
  return mark.punch_kind ? `${kind} (${t(`mark.${mark.punch_kind}`)})` : kind;
}

/** The letter shown in the cell: of leave whose type the reader may see, the type's. */
export const markLetter = (mark: Mark) =>
  mark.leave_type ? leaveTypeName(mark.leave_type).charAt(0) : t(`mark.${mark.kind}_short`);

export type CellNote = components["schemas"]["CellNoteRead"];
/** Planners' notes on one person's cells. */
export type NotesByDate = ReadonlyMap<PlainDate, CellNote>;

/** One person's cells that come from an attendance system. */
export type SyncedByDate = ReadonlyMap<PlainDate, SyncedCell>;

interface SyncedCell {
  vendor: Record<string, string>;
}

export const syncedNotes = (synced: SyncedCell | undefined): string[] =>
  synced ? [t("synced.cell", { vendor: localized(synced.vendor) ?? "" })] : [];

/** What a planner wrote about a cell. */
export const noteText = (note: CellNote | undefined): string[] =>
  note ? [t("note.of", { text: note.text, who: note.by_name || t("somebody") })] : [];

/** What somebody wishes for a day. */
export const wishNotes = (wish: Wish | undefined, shifts: ReadonlyMap<number, Shift>): string[] =>
  wish ? [t("wish.of", { wish: wishText(wish, shifts) })] : [];

/** `not_planned` is about a month, although its date is that of the first day. */
export const isOfCell = (warning: Warning) => warning.code !== "not_planned";

/** The notes of one cell: its marks, then its warnings. */
export const cellNotes = (marks: readonly Mark[] = [], warnings: readonly Warning[] = []): string[] => [
  ...marks.map(markText),
  ...warnings.filter(isOfCell).map(warningText),
];

/** What is published in a cell that is drafted. */
export const draftNotes = (draft: Draft | undefined, shifts: ReadonlyMap<number, Shift>): string[] =>
  draft
    ? [
        t("draft_of", {
          published:
            draft.published_shift_id === null
              ? t("empty")
              : (shifts.get(draft.published_shift_id)?.name ?? `#${draft.published_shift_id}`),
        }),
      ]
    : [];

const MOST_SHOWN = 4;

/** What the text typed into a cell means so far, and the codes that it may become. */
export function typedNote(codes: Codes, shifts: ReadonlyMap<number, Shift>, text: string): string {
  const named = (word: string, id: number | null | undefined) => {
    const shift = id ? shifts.get(id) : undefined;
    return shift ? `${word} = ${shift.name}` : word;
  };
  const { exact, longer } = readCode(codes, text);
  if (exact === null && longer.length === 0) return t("no_such_shift", { text });
  const more = longer.slice(0, MOST_SHOWN).map((word) => named(word.toUpperCase(), codes.words.get(word)));
  const meant = settledShift(codes, { text });
  return [
    ...(meant === null ? [] : [`${named(text, meant)} (Enter)`]),
    ...more,
    ...(longer.length > MOST_SHOWN ? ["…"] : []),
  ].join("; ");
}
