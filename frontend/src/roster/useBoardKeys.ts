import { useLayoutEffect, useRef } from "preact/hooks";
import { isTypingElsewhere } from "./grid/gridInput";

interface BoardKeys {
  canEdit: boolean;
  onEscape: () => void;
  onUndo: (direction: "undo" | "redo") => void;
}

/** Keys that work anywhere on the page: Escape, and undo and redo. */
export function useBoardKeys(keys: BoardKeys) {
  const latest = useRef(keys);
  latest.current = keys;
  // With the page, not after it: between two months no key is lost.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTypingElsewhere(event.target) || event.isComposing) return;
      const { canEdit, onEscape, onUndo } = latest.current;
      if (event.key === "Escape") {
        onEscape();
      } else if (canEdit && (event.ctrlKey || event.metaKey) && !event.altKey) {
        const key = event.key.toLowerCase();
        if (key !== "z" && key !== "y") return;
        event.preventDefault();
        onUndo(key === "y" || event.shiftKey ? "redo" : "undo");
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}
