import type { PlainDate } from "../lib/dates";
import { formatRelativeDay } from "../lib/time";
import type { Shift } from "../shifts/useShifts";
import type { WishesByDate } from "../wishes/wish";
import type { RosterRow } from "./cells";
import type { Mark, MarksByDate } from "./coverage";
import type { DraftsByDate } from "./drafts/drafts";
import { cellNotes, draftNotes, markText, type NotesByDate, noteText, wishNotes } from "./notes";
import { ShiftPicker } from "./ShiftPicker";
import type { WarningsByDate } from "./warnings";
import { t } from "./words";

interface SelectionPickerProps {
  /** The cell beside which it opens. */
  anchor: HTMLElement;
  /** The active cell's person and date. */
  row: RosterRow | undefined;
  date: PlainDate;
  /** How many cells are selected. */
  cells: number;
  today: PlainDate;
  marks: ReadonlyMap<number, MarksByDate>;
  warnings: ReadonlyMap<number, WarningsByDate>;
  drafts: ReadonlyMap<number, DraftsByDate>;
  notes: ReadonlyMap<number, NotesByDate>;
  wishes: ReadonlyMap<number, WishesByDate>;
  shifts: Shift[];
  /** All shifts, also those that this team does not use. */
  allShifts: ReadonlyMap<number, Shift>;
  current: number | null;
  onLeave: () => void;
  onWho: () => void;
  onHistory: () => void;
  onNote: () => void;
  onEndLeave: (mark: Mark) => void;
  onPick: (shiftId: number | null) => void;
  onClose: () => void;
}

/** The list of shifts for the selected cells. The focus returns to the cell afterwards. */
export function SelectionPicker(props: SelectionPickerProps) {
  const { anchor, row, date, cells, marks, warnings, onPick, onClose } = props;
  if (!row) return null;
  const isMany = cells > 1;
  const leave = isMany
    ? undefined
    : marks
        .get(row.id)
        ?.get(date)
        ?.find((mark) => mark.kind === "leave");
  const close = () => {
    onClose();
    anchor.focus();
  };
  return (
    <ShiftPicker
      label={isMany ? t("cells", { n: cells }) : `${row.name} · ${formatRelativeDay(date, props.today)}`}
      notes={
        isMany
          ? []
          : [
              ...noteText(props.notes.get(row.id)?.get(date)),
              ...wishNotes(props.wishes.get(row.id)?.get(date), props.allShifts),
              ...draftNotes(props.drafts.get(row.id)?.get(date), props.allShifts),
              ...cellNotes(marks.get(row.id)?.get(date), warnings.get(row.id)?.get(date)),
            ]
      }
      shifts={props.shifts}
      current={props.current}
      actions={[
        { label: t("roster.leave"), run: props.onLeave },
        ...(isMany
          ? []
          : [
              { label: t("roster.who"), run: props.onWho },
              { label: t("roster.history"), run: props.onHistory },
              { label: t("note.edit"), run: props.onNote },
            ]),
        ...(leave
          ? [{ label: t("roster.end_leave", { what: markText(leave) }), run: () => props.onEndLeave(leave) }]
          : []),
      ]}
      anchor={anchor}
      onClose={close}
      onPick={(shiftId) => {
        onPick(shiftId);
        close();
      }}
    />
  );
}
