import type { Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useResource } from "../api/resource";
import { type Action, todaysActions } from "./actions";

/** Keeps what was done today in a signal: each edit is one more, and then only what shows them is rendered, not the board. */
export function TodaysActions({ into }: { into: Signal<readonly Action[]> }) {
  const { value } = useResource("actions", todaysActions, ["roster", "draft"]);
  useEffect(() => {
    if (value) into.value = value;
  }, [value, into]);
  return null;
}
