import type { RefObject } from "preact";
import { useRef, useState } from "preact/hooks";
import { isSameCell, single } from "../selection";
import { cellOf, elementOf } from "./cellElements";
import { cellAfterKey } from "./navigation";
import type { RosterGridProps } from "./props";
import { NOTHING_TYPED, readCode, settledShift, type Typed, typeText } from "./typing";

/** Moving, selecting, filling and typing by keyboard and by input method. */
export function useGridKeyboard(
  scroller: RefObject<HTMLElement | null>,
  input: RefObject<HTMLInputElement | null>,
  { rows, dates, codes, selection, canEdit, isBrushing, ...on }: RosterGridProps,
) {
  const pending = useRef(NOTHING_TYPED);
  /** Text that waits for its next letter, to be shown. */
  const [waiting, setWaiting] = useState("");
  const active = selection.head;

  const keep = (typed: Typed) => {
    pending.current = typed;
    setWaiting(typed.written ? "" : typed.text);
  };

  /** Writes what waits; says so where it means nothing. True: something waited. */
  function settle(): boolean {
    const typed = pending.current;
    keep(NOTHING_TYPED);
    if (typed.written || typed.text === "") return false;
    const shiftId = settledShift(codes, typed);
    if (shiftId === null) on.onUnknownText(typed.text);
    else on.onType(shiftId);
    return true;
  }

  function onKeyDown(event: KeyboardEvent) {
    // 229: the input method handles the key.
    if (event.isComposing || event.keyCode === 229 || event.altKey || !cellOf(event.target)) return;
    const hasCtrl = event.ctrlKey || event.metaKey;
    const to = cellAfterKey(active, event.key, rows.length, dates.length, hasCtrl);
    if (to) {
      event.preventDefault();
      settle();
      on.onSelect(event.shiftKey && canEdit ? { anchor: selection.anchor, head: to } : single(to));
    } else if (canEdit && hasCtrl) onCtrlKey(event);
    else if (canEdit) onPlainKey(event);
  }

  function onCtrlKey(event: KeyboardEvent) {
    const key = event.key.toLowerCase();
    if (key === "z") keep(NOTHING_TYPED);
    else if (key !== "control" && key !== "meta") settle();
    if (key === "a") {
      const last = { row: rows.length - 1, column: dates.length - 1 };
      on.onSelect({ anchor: last, head: { row: 0, column: 0 } });
      if (scroller.current) scroller.current.scrollTop = 0;
    } else if (key === "d") on.onFill("down");
    else if (key === "f") on.onFind();
    // With a single cell it keeps its usual meaning: reload.
    else if (key === "r" && !isSameCell(selection.anchor, selection.head)) on.onFill("right");
    else return;
    event.preventDefault();
  }

  function onPlainKey(event: KeyboardEvent) {
    const { key } = event;
    if (key === "Enter" || key === " " || key === "F2") {
      const element = elementOf(scroller.current, active);
      if (settle()) event.stopPropagation();
      else if (isBrushing) on.onPaint([active]);
      else if (element) on.onOpen(element);
    } else if (key === "Backspace" && waiting)
      keep({ ...pending.current, text: [...pending.current.text].slice(0, -1).join("") });
    else if (key === "Delete" || key === "Backspace") {
      keep(NOTHING_TYPED);
      on.onType(null);
    } else if (key === "Escape") {
      if (waiting) event.stopPropagation();
      keep(NOTHING_TYPED);
      return;
    } else if (key.length === 1) type(key, event.timeStamp);
    else return;
    event.preventDefault();
  }

  function type(letters: string, at: number) {
    const { typed, effect } = typeText(codes, pending.current, letters, at);
    keep(typed);
    if (effect === "restore") on.onTypedMore();
    else if (effect !== null) on.onType(effect);
  }

  /** Takes what an input method or a soft keyboard wrote into the input. */
  function takeText({ timeStamp }: Event) {
    const field = input.current;
    const text = field?.value.trim();
    if (!field || !text) return;
    field.value = "";
    // An input method gives whole words: only a text that waits goes on.
    if (pending.current.written) keep(NOTHING_TYPED);
    type(text, timeStamp);
    const { exact, longer } = readCode(codes, pending.current.text);
    if (exact === null && longer.length === 0) settle();
  }

  return {
    waiting,
    settle,
    onKeyDown,
    onInput: (event: InputEvent) => {
      if (event.target === input.current && !event.isComposing) takeText(event);
    },
    onCompositionEnd: takeText,
  };
}
