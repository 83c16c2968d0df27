import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Cell } from "../cells";
import { isSameCell } from "../selection";
import { elementOf } from "./cellElements";

const NOTE_HEIGHT_PX = 90;
const GAP_PX = 4;
const MARGIN_PX = 8;

/** The notes of the cell under the mouse, else of the active cell while the grid has the focus. */
export function useCellNotes(
  scroller: RefObject<HTMLElement | null>,
  { active, hasFocus, notesAt }: { active: Cell; hasFocus: boolean; notesAt: (cell: Cell) => string[] },
) {
  const note = useRef<HTMLDivElement>(null);
  const [hovered, setHovered] = useState<Cell | null>(null);
  const cell = hovered ?? (hasFocus ? active : null);

  useLayoutEffect(() => {
    const box = scroller.current;
    const element = cell && note.current && elementOf(box, cell);
    if (!note.current || !element || !box) return;
    const isLow =
      element.getBoundingClientRect().bottom + NOTE_HEIGHT_PX > box.getBoundingClientRect().bottom;
    const body = element.closest("tbody");
    const top = (body?.offsetTop ?? 0) + cell.row * element.offsetHeight;
    note.current.style.insetBlockStart = isLow
      ? `${top - note.current.offsetHeight - GAP_PX}px`
      : `${top + element.offsetHeight + GAP_PX}px`;
    const rightmost = box.scrollLeft + box.clientWidth - note.current.offsetWidth - MARGIN_PX;
    note.current.style.insetInlineStart = `${Math.max(MARGIN_PX, Math.min(element.offsetLeft, rightmost))}px`;
  });

  return {
    note,
    notes: cell ? notesAt(cell) : [],
    hover: (over: Cell | null) => {
      const next = over && notesAt(over).length > 0 ? over : null;
      setHovered((before) => (before && next && isSameCell(before, next) ? before : next));
    },
  };
}
