import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { PlainDate } from "../../lib/dates";
import type { Rect } from "../selection";

interface FrameOptions {
  rect: Rect;
  dates: PlainDate[];
  rowCount: number;
  rowHeight: number;
  /** Changes when the window's size does. */
  resizes: number;
}

/** The frame around the selected cells. It is moved directly in the document, so that no row is rendered again for it. */
export function useSelectionFrame(
  scroller: RefObject<HTMLElement | null>,
  { rect, dates, rowCount, rowHeight, resizes }: FrameOptions,
) {
  const frame = useRef<HTMLDivElement>(null);
  const show = (around: Rect) => placeFrame(frame.current, scroller.current, around, rowHeight);
  const { top, left, bottom, right } = rect;

  useLayoutEffect(
    () => show({ top, left, bottom, right }),
    [top, left, bottom, right, rowHeight, resizes, rowCount, dates],
  );

  return {
    frame,
    /** Shows another rectangle for as long as the handle is dragged. */
    preview: show,
    reset: () => show(rect),
    onScroll: () => clipFrame(frame.current, scroller.current),
  };
}

/** Puts the frame around cells; rows are counted by their height, for some are not drawn. */
function placeFrame(frame: HTMLElement | null, box: HTMLElement | null, rect: Rect, rowHeight: number) {
  const anyRow = box?.querySelector<HTMLTableRowElement>("tr[data-row]");
  const left = anyRow?.cells[rect.left + 1];
  const right = anyRow?.cells[rect.right + 1];
  if (!frame || !anyRow || !left || !right) return;
  const height = anyRow.offsetHeight || rowHeight;
  const top = (anyRow.parentElement?.offsetTop ?? 0) + rect.top * height;
  clipFrame(frame, box, left.offsetLeft);
  frame.style.insetBlockStart = `${top}px`;
  frame.style.insetInlineStart = `${left.offsetLeft}px`;
  frame.style.inlineSize = `${right.offsetLeft + right.offsetWidth - left.offsetLeft}px`;
  frame.style.blockSize = `${(rect.bottom - rect.top + 1) * height}px`;
}

/** Clips what would lie over the column of names: each row is a stacking context of its own, so z-index cannot do it. */
function clipFrame(frame: HTMLElement | null, box: HTMLElement | null, start = frame?.offsetLeft ?? 0) {
  const names = box?.querySelector<HTMLElement>(".corner");
  if (!frame || !box || !names) return;
  const hidden = box.scrollLeft + names.offsetWidth - start;
  frame.style.clipPath = hidden > 0 ? `inset(-5px -5px -5px ${hidden}px)` : "";
}
