import type { RefObject } from "preact";
import { useRef } from "preact/hooks";
import { isSameCell, single } from "../selection";
import { cellOf, elementOf } from "./cellElements";
import { cellAfterKey } from "./navigation";
import type { RosterGridProps } from "./props";
import { matchText, typeLetter } from "./typing";

/** A pause after which a letter begins a new code. */
const TYPING_PAUSE_MS = 700;

/** Moving, selecting, filling and typing by keyboard and by input method. */
export function useGridKeyboard(
  scroller: RefObject<HTMLElement | null>,
  input: RefObject<HTMLInputElement | null>,
  { rows, dates, usable, selection, canEdit, isBrushing, ...on }: RosterGridProps,
) {
  const pending = useRef({ text: "", timer: 0 });
  const active = selection.head;

  const clearPending = () => {
    clearTimeout(pending.current.timer);
    pending.current.text = "";
  };

  function onKeyDown(event: KeyboardEvent) {
    // 229: the input method handles the key.
    if (event.isComposing || event.keyCode === 229 || event.altKey || !cellOf(event.target)) return;
    const hasCtrl = event.ctrlKey || event.metaKey;
    const to = cellAfterKey(active, event.key, rows.length, dates.length, hasCtrl);
    if (to) {
      event.preventDefault();
      clearPending();
      on.onSelect(event.shiftKey && canEdit ? { anchor: selection.anchor, head: to } : single(to));
    } else if (canEdit && hasCtrl) onCtrlKey(event);
    else if (canEdit) onPlainKey(event);
  }

  function onCtrlKey(event: KeyboardEvent) {
    const key = event.key.toLowerCase();
    if (key === "a") {
      const last = { row: rows.length - 1, column: dates.length - 1 };
      on.onSelect({ anchor: last, head: { row: 0, column: 0 } });
      if (scroller.current) scroller.current.scrollTop = 0;
    } else if (key === "d") on.onFill("down");
    // With a single cell it keeps its usual meaning: reload.
    else if (key === "r" && !isSameCell(selection.anchor, selection.head)) on.onFill("right");
    else return;
    event.preventDefault();
  }

  function onPlainKey(event: KeyboardEvent) {
    const { key } = event;
    if (key === "Enter" || key === " " || key === "F2") {
      clearPending();
      const element = elementOf(scroller.current, active);
      if (isBrushing) on.onPaint([active]);
      else if (element) on.onOpen(element);
    } else if (key === "Delete" || key === "Backspace") {
      clearPending();
      on.onType(null, false);
    } else if (key.length === 1) type(key);
    else return;
    event.preventDefault();
  }

  function type(letter: string) {
    clearTimeout(pending.current.timer);
    const typed = typeLetter(usable, pending.current.text, letter);
    pending.current.text = typed.pending;
    if (typed.shift) on.onType(typed.shift.id, typed.continues);
    if (typed.pending) pending.current.timer = window.setTimeout(clearPending, TYPING_PAUSE_MS);
  }

  /** Takes what an input method or a soft keyboard wrote into the input. */
  function takeText() {
    const field = input.current;
    const text = field?.value.trim();
    if (!field || !text) return;
    field.value = "";
    const shift = matchText(usable, text);
    if (shift) on.onType(shift.id, false);
    else on.onUnknownText(text);
  }

  return {
    onKeyDown,
    onInput: (event: InputEvent) => {
      if (event.target === input.current && !event.isComposing) takeText();
    },
    onCompositionEnd: takeText,
  };
}
