import { useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { RosterDraft } from "./draft";

/** Retries unsaved changes when the page opens and when the connection is back, and asks before the tab closes over them. */
export function useDraftSaving(draft: RosterDraft) {
  useEffect(() => {
    const retry = () => void draft.retry();
    retry();
    addEventListener("online", retry);
    return () => removeEventListener("online", retry);
  }, [draft]);

  useSignalEffect(() => {
    if (draft.overlay.value.size === 0) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  });
}
