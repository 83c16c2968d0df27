import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Cell } from "../cells";
import { enclosing, isSameCell, type Rect, rectOf, single } from "../selection";
import { cellOf, elementOf } from "./cellElements";
import { edgeScroll, gestureKind, hasMoved, isTap, type PointerGesture, swipeOf } from "./gestures";
import type { RosterGridProps } from "./props";
import type { GridFocus } from "./useGridFocus";

const LONG_PRESS_MS = 450;

interface Parts {
  focus: GridFocus;
  frame: { preview: (rect: Rect) => void; reset: () => void };
  rowHeight: number;
  /** The mouse is over a cell, or over none. */
  hover: (cell: Cell | null) => void;
}

/** Painting, selecting, filling, swiping and long presses by mouse, pen and finger. */
export function usePointerGestures(
  scroller: RefObject<HTMLElement | null>,
  { selection, canEdit, isBrushing, isSelecting, ...on }: RosterGridProps,
  { focus, frame, rowHeight, hover }: Parts,
) {
  const gesture = useRef<PointerGesture | null>(null);
  const longPress = useRef(0);
  /** In selection mode: the next tap ends the block that the last one began. */
  const isTapSelectionOpen = useRef(false);
  const active = selection.head;
  const isMany = !isSameCell(selection.anchor, active);

  function onPointerDown(event: PointerEvent) {
    if (event.button !== 0) return;
    const isTouch = event.pointerType === "touch";
    const here = cellOf(event.target);
    const kind = gestureKind({
      canEdit,
      isOnCell: here !== null,
      isOnHandle: (event.target as Element).classList.contains("handle"),
      isTouch,
      isBrushing,
      isSelecting,
    });
    gesture.current = {
      kind,
      cells: new Map(),
      from: here,
      wasActive: here !== null && isSameCell(here, active) && focus.hasFocus && !isMany,
      x: event.clientX,
      y: event.clientY,
      isHeld: false,
    };
    if (kind === "fill") event.preventDefault();
    if (!here) return;
    hover(null);
    if (isTouch && canEdit) longPress.current = window.setTimeout(() => hold(here), LONG_PRESS_MS);
    if (kind === "paint") paint(here);
    if (kind === "select" && !isTouch) {
      on.onSelect(event.shiftKey ? { anchor: selection.anchor, head: here } : single(here));
      focus.focusCell(here);
    }
  }

  /** A long press begins a selection, or with a brush a stroke in any direction. */
  function hold(here: Cell) {
    if (!gesture.current) return;
    gesture.current.isHeld = true;
    navigator.vibrate?.(10);
    if (gesture.current.kind === "paint") return;
    gesture.current.kind = "select";
    isTapSelectionOpen.current = true;
    on.onLongPress();
    on.onSelect(single(here));
    focus.focusCell(here, true);
  }

  function paint(cell: Cell) {
    const key = `${cell.row} ${cell.column}`;
    if (gesture.current?.cells.has(key)) return;
    gesture.current?.cells.set(key, cell);
    elementOf(scroller.current, cell)?.classList.add("painted");
  }

  function onPointerMove(event: PointerEvent) {
    const current = gesture.current;
    if (!current) {
      if (event.pointerType === "mouse") hover(cellOf(event.target));
      return;
    }
    const isMoved = hasMoved(current, pointOf(event));
    if (isMoved && !current.isHeld) clearTimeout(longPress.current);
    if (current.kind === "browse") return;
    scrollAtEdge(event);
    const here = cellOf(document.elementFromPoint(event.clientX, event.clientY));
    if (!here) return;
    if (current.kind === "paint") paint(here);
    else if (current.kind === "fill") frame.preview(enclosing(rectOf(selection), here));
    else if (isMoved && current.from && !isSameCell(here, active)) {
      const isTouch = event.pointerType === "touch";
      const keepsAnchor = event.shiftKey || (isTouch && isTapSelectionOpen.current);
      on.onSelect({ anchor: keepsAnchor ? selection.anchor : current.from, head: here });
      focus.focusCell(here, isTouch);
    }
  }

  function scrollAtEdge(event: PointerEvent) {
    const box = scroller.current;
    if (!box || (event.pointerType === "touch" && !gesture.current?.isHeld)) return;
    const { down, across } = edgeScroll(pointOf(event), box.getBoundingClientRect(), {
      head: box.querySelector("thead")?.clientHeight ?? 0,
      foot: box.querySelector("tfoot")?.clientHeight ?? 0,
      rowHeight,
    });
    if (down !== 0) box.scrollTop += down;
    if (across !== 0) box.scrollLeft += across;
  }

  function onPointerEnd(event: PointerEvent) {
    const ended = gesture.current;
    gesture.current = null;
    clearTimeout(longPress.current);
    if (!ended) return;
    for (const cell of ended.cells.values()) elementOf(scroller.current, cell)?.classList.remove("painted");
    if (event.type === "pointercancel") return;
    if (ended.kind === "paint") endPainting([...ended.cells.values()], event.pointerType === "touch");
    else if (ended.kind === "fill") endFilling(event);
    else endPress(ended, event);
  }

  function endPainting(cells: Cell[], byTouch: boolean) {
    const last = cells.at(-1);
    if (!last) return;
    on.onSelect(single(last));
    on.onPaint(cells);
    focus.focusCell(last, byTouch);
  }

  function endFilling(event: PointerEvent) {
    const here = cellOf(document.elementFromPoint(event.clientX, event.clientY));
    frame.reset();
    if (here) on.onFillTo(here);
  }

  function endPress(ended: PointerGesture, event: PointerEvent) {
    const weeks = swipeOf(ended, pointOf(event));
    if (ended.kind === "browse" && event.pointerType !== "mouse" && weeks) {
      on.onSwipe(weeks);
      return;
    }
    const here = cellOf(event.target);
    if (!here || !isTap(ended, pointOf(event))) {
      isTapSelectionOpen.current = false;
      return;
    }
    if (!ended.isHeld) tap(here, ended, event.pointerType === "touch");
  }

  function tap(here: Cell, { kind, wasActive }: PointerGesture, byTouch: boolean) {
    if (kind === "select" && byTouch) {
      const isSecond = isTapSelectionOpen.current;
      on.onSelect(isSecond ? { anchor: selection.anchor, head: here } : single(here));
      isTapSelectionOpen.current = !isSecond;
      focus.focusCell(here, true);
      return;
    }
    if (kind === "browse") on.onSelect(single(here));
    const element = focus.focusCell(here, byTouch);
    if (canEdit && element && (byTouch || wasActive)) on.onOpen(element);
  }

  useEffect(() => {
    const box = scroller.current;
    const keepStill = (event: TouchEvent) => {
      if (gesture.current?.isHeld) event.preventDefault();
    };
    box?.addEventListener("touchmove", keepStill, { passive: false });
    return () => box?.removeEventListener("touchmove", keepStill);
  }, [scroller]);

  return {
    endTapSelection: () => {
      isTapSelectionOpen.current = false;
    },
    handlers: {
      onPointerDown,
      onPointerMove,
      onPointerUp: onPointerEnd,
      onPointerCancel: onPointerEnd,
      onPointerLeave: () => hover(null),
      onMouseDown: (event: MouseEvent) => {
        // The browser would focus the cell and mark its text.
        if (canEdit && cellOf(event.target)) event.preventDefault();
      },
      onContextMenu: (event: MouseEvent) => {
        if (gesture.current?.isHeld) event.preventDefault();
      },
    },
  };
}

const pointOf = (event: PointerEvent) => ({ x: event.clientX, y: event.clientY });
