import type { Cell } from "../cells";

/** What a press of the pointer does: `browse` scrolls, swipes or opens; `fill` drags the handle of the selection. */
export type GestureKind = "paint" | "select" | "fill" | "browse";

/** A pointer that is down. */
export interface PointerGesture {
  kind: GestureKind;
  /** Cells painted so far. */
  cells: Map<string, Cell>;
  from: Cell | null;
  /** It began on the active cell, while nothing else was selected. */
  wasActive: boolean;
  x: number;
  y: number;
  /** A finger was held still first: moving it does not scroll. */
  isHeld: boolean;
}

/** Movement below this is a trembling hand. */
const TREMBLE_PX = 8;
const SWIPE_PX = 60;
const EDGE_PX = 28;

interface Press {
  canEdit: boolean;
  isOnCell: boolean;
  isOnHandle: boolean;
  isTouch: boolean;
  isBrushing: boolean;
  isSelecting: boolean;
}

export function gestureKind(press: Press): GestureKind {
  if (!press.canEdit) return "browse";
  if (press.isOnHandle) return "fill";
  if (!press.isOnCell) return "browse";
  if (press.isBrushing) return "paint";
  return press.isTouch && !press.isSelecting ? "browse" : "select";
}

interface Point {
  x: number;
  y: number;
}

export const hasMoved = (from: Point, to: Point) => Math.hypot(to.x - from.x, to.y - from.y) > TREMBLE_PX;

export const isTap = (from: Point, to: Point) =>
  Math.abs(to.x - from.x) <= TREMBLE_PX && Math.abs(to.y - from.y) <= TREMBLE_PX;

/** The weeks that a swipe turns: 1 to the left, -1 to the right; null when it is no swipe. */
export function swipeOf(from: Point, to: Point): 1 | -1 | null {
  const dx = to.x - from.x;
  if (Math.abs(dx) <= SWIPE_PX || Math.abs(dx) <= 2 * Math.abs(to.y - from.y)) return null;
  return dx < 0 ? 1 : -1;
}

/** How far to scroll while the pointer is dragged at the edge of the cells, in pixels. */
export function edgeScroll(
  at: Point,
  box: { top: number; bottom: number; right: number },
  { head, foot, rowHeight }: { head: number; foot: number; rowHeight: number },
): { down: number; across: number } {
  const isBelow = at.y > box.bottom - foot - EDGE_PX;
  const isAbove = at.y < box.top + head + EDGE_PX / 2;
  return {
    down: isBelow ? rowHeight / 2 : isAbove ? -rowHeight / 2 : 0,
    across: at.x > box.right - EDGE_PX ? EDGE_PX : 0,
  };
}
