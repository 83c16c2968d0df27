import { useRef, useState } from "preact/hooks";
import type { PlainDate } from "../lib/dates";
import type { SyncedByDate } from "./notes";

interface Edited {
  user_id: number;
  date: PlainDate;
}

const keyOf = ({ user_id, date }: Edited) => `${user_id} ${date}`;

/** Cells from DingTalk are only written over by somebody who agrees that they no longer follow it. */
export function useSyncedLock(synced: ReadonlyMap<number, SyncedByDate>) {
  const [asked, setAsked] = useState<{ cells: Edited[]; write: () => void } | null>(null);
  const agreed = useRef(new Set<string>());
  const confirm = (edits: readonly Edited[], write: () => void) => {
    // What follows DingTalk again, after an undo or another reading, is asked about again.
    for (const edit of edits) {
      if (!synced.get(edit.user_id)?.has(edit.date)) agreed.current.delete(keyOf(edit));
    }
    const cells = edits.filter(
      (edit) => synced.get(edit.user_id)?.has(edit.date) && !agreed.current.has(keyOf(edit)),
    );
    if (cells.length === 0) write();
    else setAsked({ cells, write });
  };
  return {
    confirm,
    /** How many cells somebody has to agree to write over. */
    asked: asked?.cells.length ?? 0,
    agree() {
      for (const cell of asked?.cells ?? []) agreed.current.add(keyOf(cell));
      setAsked(null);
      asked?.write();
    },
    cancel: () => setAsked(null),
  };
}
