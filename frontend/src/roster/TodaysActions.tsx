import type { Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useResource } from "../api/resource";
import { dismiss } from "../ui/Toast";
import { type Action, toastOf, todaysActions } from "./actions";

/** Keeps what was done today in a signal, and offers to undo nothing that is undone, in whatever tab: each edit is one more, and then only what shows them is rendered, not the board. */
export function TodaysActions({ into }: { into: Signal<readonly Action[]> }) {
  const { value } = useResource("actions", todaysActions, ["roster", "draft"]);
  useEffect(() => {
    if (!value) return;
    into.value = value;
    for (const { id, undone_at } of value) if (undone_at) dismiss(toastOf(id));
  }, [value, into]);
  return null;
}
