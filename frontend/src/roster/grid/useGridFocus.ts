import type { RefObject } from "preact";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Cell } from "../cells";
import { cellOf, elementOf } from "./cellElements";
import { newGridInput } from "./gridInput";

export interface GridFocus {
  /** The input that holds the focus; null where nothing can be edited. */
  input: RefObject<HTMLInputElement | null>;
  hasFocus: boolean;
  /** Moves the focus to a cell that is drawn, and returns its element. */
  focusCell: (cell: Cell, byTouch?: boolean) => HTMLElement | null;
  /** Moves the focus to the active cell after the next render, which draws its row. */
  focusActiveLater: () => void;
  onFocusIn: (event: FocusEvent) => void;
  onFocusOut: () => void;
}

interface FocusOptions {
  active: Cell;
  canEdit: boolean;
  /** What a screen reader says of a cell. */
  describe: (cell: Cell) => string;
}

/**
 * The grid is one stop of the Tab key. The focus is in an input over the active cell; by touch, and where nothing can be
 * edited, in the cell itself.
 */
export function useGridFocus(
  scroller: RefObject<HTMLElement | null>,
  { active, canEdit, describe }: FocusOptions,
): GridFocus {
  const input = useRef<HTMLInputElement | null>(null);
  const isByTouch = useRef(false);
  const isWanted = useRef(false);
  const [hasFocus, setFocus] = useState(false);

  const focusCell = useCallback(
    (cell: Cell, byTouch = false) => {
      isByTouch.current = byTouch;
      const element = elementOf(scroller.current, cell);
      const field = input.current;
      hold(element, field);
      (field && !byTouch ? field : element)?.focus({ preventScroll: true });
      return element;
    },
    [scroller],
  );

  // Read before the new rows are drawn: a row that leaves the view and comes back must not lose the focus meanwhile.
  const hadFocus = scroller.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    if (canEdit) input.current ??= newGridInput();
    const element = elementOf(box, active);
    const field = input.current;
    if (field) {
      hold(element, field);
      field.setAttribute("aria-label", describe(active));
    } else {
      for (const before of box.querySelectorAll('td[tabindex="0"]')) before.setAttribute("tabindex", "-1");
      element?.setAttribute("tabindex", "0");
    }
    if (hadFocus && !box.contains(document.activeElement)) focusCell(active);
  });

  const { row, column } = active;
  useLayoutEffect(() => {
    elementOf(scroller.current, { row, column })?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [scroller, row, column]);

  useEffect(() => {
    if (!isWanted.current) return;
    isWanted.current = false;
    focusCell(active);
  });

  return {
    input,
    hasFocus,
    focusCell,
    focusActiveLater: () => {
      isWanted.current = true;
    },
    onFocusIn: (event) => {
      setFocus(cellOf(event.target) !== null);
      if ((event.target as Element).tagName === "TD" && !isByTouch.current) input.current?.focus();
    },
    onFocusOut: () => setFocus(false),
  };
}

/** Puts the input over a cell. The attribute is for the stylesheet: `:has()` would be looked up for each new cell. */
function hold(cell: HTMLElement | null, field: HTMLInputElement | null) {
  if (!cell || !field || field.parentElement === cell) return;
  field.parentElement?.removeAttribute("data-active");
  cell.append(field);
  cell.setAttribute("data-active", "");
}
