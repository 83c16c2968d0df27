import type { Ref } from "preact";
import type { PlainDate } from "../../lib/dates";
import type { OpenShift } from "../../requests/format";
import type { Shift } from "../../shifts/useShifts";
import type { WishesByDate } from "../../wishes/wish";
import type { Cell, RosterRow } from "../cells";
import type { DayCoverage, MarksByDate } from "../coverage";
import type { DraftsByDate } from "../drafts/drafts";
import type { NotesByDate, SyncedByDate } from "../notes";
import type { Direction, Selection } from "../selection";
import type { WarningsByDate } from "../warnings";
import type { Codes } from "./typing";
import type { GridPlace } from "./useRememberedPlace";

/** A day of the calendar: its kind, and the holiday's name. */
export interface DayRead {
  kind: string;
  name: string;
}

/** Commands to the grid. */
export interface GridHandle {
  /** Selects a cell and moves the focus there, scrolling if need be. */
  goTo: (cell: Cell) => void;
  /** The next tap begins a new selection instead of extending the current one. */
  endTapSelection: () => void;
}

export interface RosterGridProps {
  handle: Ref<GridHandle>;
  caption: string;
  dates: PlainDate[];
  days: Record<PlainDate, DayRead>;
  today: PlainDate;
  rows: RosterRow[];
  teamId: number | null;
  /** Where the grid was when it was last shown. */
  place: GridPlace;
  shifts: Map<number, Shift>;
  codes: Codes;
  warnings: ReadonlyMap<number, WarningsByDate>;
  marks: ReadonlyMap<number, MarksByDate>;
  drafts: ReadonlyMap<number, DraftsByDate>;
  notes: ReadonlyMap<number, NotesByDate>;
  wishes: ReadonlyMap<number, WishesByDate>;
  /** Cells that come from an attendance system. */
  synced: ReadonlyMap<number, SyncedByDate>;
  totals: number[];
  totalsLabel: string;
  covered: ReadonlyMap<number, DayCoverage[]>;
  /** Shifts that are offered to the team, by date. */
  open: ReadonlyMap<PlainDate, readonly OpenShift[]>;
  canEdit: boolean;
  /** A brush is active: pressing and dragging paints. */
  isBrushing: boolean;
  /** Selection mode: taps select instead of opening the cell. */
  isSelecting: boolean;
  selection: Selection;
  onSelect: (selection: Selection) => void;
  onLongPress: () => void;
  onPaint: (cells: Cell[]) => void;
  /** Fills the selection with the shift that was typed. */
  onType: (shiftId: number | null) => void;
  /** One more letter: what `onType` wrote was only a part, and goes back to what was there before. */
  onTypedMore: () => void;
  onUnknownText: (text: string) => void;
  /** Opens the list of shifts beside a cell. */
  onOpen: (element: HTMLElement) => void;
  onFillTo: (cell: Cell) => void;
  onFind: () => void;
  onFill: (direction: Direction) => void;
  onSwipe: (weeks: 1 | -1) => void;
}
