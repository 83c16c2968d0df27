import type { PlainDate } from "../../lib/dates";
import type { Shift } from "../../shifts/useShifts";
import { shiftClass } from "../../ui/ShiftBadge";
import { isMet, type WishesByDate } from "../../wishes/wish";
import type { RosterRow } from "../cells";
import { isAway, type MarksByDate } from "../coverage";
import type { DraftsByDate } from "../drafts/drafts";
import {
  draftNotes,
  isOfCell,
  markLetter,
  markText,
  type NotesByDate,
  noteText,
  type SyncedByDate,
  syncedNotes,
  warningText,
  wishNotes,
} from "../notes";
import type { WarningsByDate } from "../warnings";

/** All that is shown of one person. */
export interface PersonShown {
  row: RosterRow;
  shifts: ReadonlyMap<number, Shift>;
  warnings: WarningsByDate | undefined;
  marks: MarksByDate | undefined;
  drafts: DraftsByDate | undefined;
  notes: NotesByDate | undefined;
  wishes: WishesByDate | undefined;
  synced: SyncedByDate | undefined;
}

/** What stands in a cell, in words that are written into the document; an empty one writes nothing. */
export interface CellLook {
  /** Classes of the cell. */
  cell: string;
  /** Classes of the shift in it. */
  shift: string;
  code: string;
  label: string;
  wish: "" | "open" | "met";
  /** The code of what is published, below a draft. */
  published: string;
  mark: string;
}

export const EMPTY: CellLook = {
  cell: "",
  shift: "",
  code: "",
  label: "",
  wish: "",
  published: "",
  mark: "",
};

const plain = new WeakMap<Shift, CellLook>();

/** How a shift looks by itself. */
function plainLook(shift: Shift): CellLook {
  const known = plain.get(shift);
  if (known) return known;
  const look = { ...EMPTY, shift: shiftClass(shift), code: shift.code, label: shift.name };
  plain.set(shift, look);
  return look;
}

/** How each day of a person looks. */
export function cellLooks(person: PersonShown, dates: readonly PlainDate[]): CellLook[] {
  const { row, shifts, warnings, marks, drafts, notes, wishes, synced } = person;
  const isPlain = !(warnings || marks || drafts || notes || wishes || synced);
  return dates.map((date, column) => {
    const id = row.shiftIds[column] ?? null;
    const shift = id === null ? undefined : shifts.get(id);
    const look = shift ? plainLook(shift) : EMPTY;
    if (isPlain) return look;
    const warned = warnings?.get(date)?.filter(isOfCell) ?? [];
    const marked = marks?.get(date) ?? [];
    const note = notes?.get(date);
    const wish = wishes?.get(date);
    const there = drafts?.get(date);
    // What has just been set back to what is published is no draft, also before it is saved.
    const draft = there && there.published_shift_id !== id ? there : undefined;
    const from = synced?.get(date);
    const has = [
      warned.length > 0 && "warned",
      marked.length > 0 && "marked",
      isAway(marked) && "away",
      draft && "drafted",
      note && "noted",
      wish && "wished",
      from && "synced",
    ].filter(Boolean);
    if (has.length === 0) return look;
    const label = [
      ...(shift ? [shift.name] : []),
      ...noteText(note),
      ...wishNotes(wish, shifts),
      ...draftNotes(draft, shifts),
      ...syncedNotes(from),
      ...marked.map(markText),
      ...warned.map(warningText),
    ].join("; ");
    return {
      ...look,
      cell: has.join(" "),
      label,
      wish: wish ? (isMet(wish, shift) ? "met" : "open") : "",
      published: (draft?.published_shift_id && shifts.get(draft.published_shift_id)?.code) || "",
      mark: marked[0] ? markLetter(marked[0]) : "",
    };
  });
}
