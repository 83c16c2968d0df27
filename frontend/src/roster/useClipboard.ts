import { useEffect, useRef } from "preact/hooks";
import { listed } from "../i18n";
import type { Shift } from "../shifts/useShifts";
import { showToast } from "../ui/Toast";
import {
  normalized,
  parseCopied,
  parseText,
  shiftLabels,
  shiftLookup,
  toBlock,
  toTable,
  toText,
} from "./clipboard";
import type { ClipboardFallback } from "./clipboardFallback";
import { isTypingElsewhere } from "./grid/gridInput";
import { tableOf } from "./pasteShape";
import type { Pasted } from "./plan/PasteDialog";
import type { Block } from "./selection";
import { t } from "./words";

const SHOWN_UNKNOWN = 8;
const LONGEST_UNKNOWN = 20;
const EVENTS = ["copy", "cut", "paste"] as const;

interface ClipboardOptions {
  canEdit: boolean;
  /** More than one cell is selected. */
  isMany: boolean;
  shifts: readonly Shift[];
  /** The shifts that pasted text may mean. */
  usable: readonly Shift[];
  learned: ReadonlyMap<string, number>;
  selectedBlock: () => Block;
  /** Everybody in this roster. */
  people: readonly { name: string }[];
  onPaste: (block: Block) => void;
  /** A table was pasted that names its people or dates itself. */
  onTable: (pasted: Pasted) => void;
  onClear: () => void;
}

/** Copy, cut and paste: by the browser's events, and by buttons through the returned functions. */
export function useClipboard(
  fallback: ClipboardFallback,
  {
    canEdit,
    isMany,
    shifts,
    usable,
    learned,
    selectedBlock,
    people,
    onPaste,
    onTable,
    onClear,
  }: ClipboardOptions,
) {
  function selectedText(): string[][] {
    const labelOf = shiftLabels(shifts);
    return selectedBlock().map((line) => line.map((id) => labelOf(id ?? null)));
  }

  function copy() {
    const lines = selectedText();
    void fallback.copy(toText(lines), toTable(lines));
    showToast(t("copied", { n: lines.flat().length }), { staysMs: 2_000 });
  }

  function paste(lines: string[][]) {
    if (lines.length === 0) {
      showToast(t("nothing_to_paste"), { isProblem: true });
      return;
    }
    const meaning = shiftLookup(usable, learned);
    const names = new Set(people.map(({ name }) => normalized(name)));
    const table = tableOf(lines, {
      isPerson: (word) => names.has(normalized(word)),
      isShift: (word) => meaning(word) !== undefined,
    });
    if (table) onTable({ ...table, copied: lines });
    else pasteHere(lines);
  }

  /** At the active cell. */
  function pasteHere(lines: string[][]) {
    const { block, unknown } = toBlock(lines, shiftLookup(usable, learned));
    onPaste(block);
    if (unknown.length === 0) return;
    const some = unknown
      .slice(0, SHOWN_UNKNOWN)
      .map((each) => (each.length > LONGEST_UNKNOWN ? `${each.slice(0, LONGEST_UNKNOWN)}…` : each));
    const words = listed(some) + (unknown.length > SHOWN_UNKNOWN ? " …" : "");
    showToast(t("unknown_words", { words }), { isProblem: true });
  }

  function onEvent(event: ClipboardEvent) {
    const clipboard = event.clipboardData;
    const isForGrid = (event.target as Element).closest?.(".roster-page") != null || isMany;
    if (!clipboard || !isForGrid || isTypingElsewhere(event.target) || hasMarkedText()) return;
    event.preventDefault();
    if (event.type === "paste") {
      if (canEdit) paste(parseCopied(clipboard.getData("text/plain"), clipboard.getData("text/html")));
      return;
    }
    const lines = selectedText();
    clipboard.setData("text/plain", toText(lines));
    clipboard.setData("text/html", toTable(lines));
    fallback.remember(toText(lines));
    if (event.type === "cut" && canEdit) onClear();
  }

  const latest = useRef(onEvent);
  latest.current = onEvent;
  // On the document, not on the grid: after a press on a button the focus is there, and the cells are still meant.
  useEffect(() => {
    const listener = (event: ClipboardEvent) => latest.current(event);
    for (const name of EVENTS) document.addEventListener(name, listener);
    return () => {
      for (const name of EVENTS) document.removeEventListener(name, listener);
    };
  }, []);

  return {
    copy,
    pasteHere,
    cut: () => {
      copy();
      onClear();
    },
    paste: async () => {
      const text = await fallback.read();
      paste(text ? parseText(text) : []);
    },
  };
}

/** Text on the page is marked: that is what should be copied, not the cells. */
function hasMarkedText(): boolean {
  const marked = getSelection();
  return marked !== null && !marked.isCollapsed && marked.toString().trim() !== "";
}
