import { useEffect, useRef } from "preact/hooks";
import { api } from "../api/client";
import { isOpen, onEvents } from "../api/events";
import { Problem } from "../api/problem";
import { QUIET_MS } from "../api/resource";
import { isPlanner, me } from "../api/session";
import type { CellChange, RosterDraft } from "./draft";
import { EventBalance } from "./eventBalance";

const SETTLE_MS = 150;

interface RemoteChanges {
  /** Whether a mark stands in the cell, as of a swap that waits: it may be gone with the change. */
  isMarked: (change: CellChange) => boolean;
  /** Something else than cells has changed: load everything again. */
  onUnexplained: () => void;
  /** Cells were merged; what is computed from them on the server may have changed. */
  onMerged: () => void;
}

/** Merges what others change in the team, cell by cell. */
export function useRemoteChanges(draft: RosterDraft, teamId: number | null, callbacks: RemoteChanges) {
  const latest = useRef(callbacks);
  latest.current = callbacks;
  useEffect(() => {
    let soon: ReturnType<typeof setTimeout> | undefined;
    let quiet: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    let isMarked = false;
    const startBalance = () => new EventBalance(draft.savesOf(teamId), me.peek()?.id);
    let balance = startBalance();
    const stopWatching = isOpen.subscribe((isNow) => {
      if (isNow) balance = startBalance();
    });

    function settle() {
      clearTimeout(quiet);
      quiet = setTimeout(() => {
        if (draft.isSaving.peek()) return settle();
        const isLeftOver = balance.settle(draft.savesOf(teamId));
        if (isLeftOver || isMarked) latest.current.onUnexplained();
        else latest.current.onMerged();
        isMarked = false;
      }, QUIET_MS);
    }

    async function merge() {
      for (;;) {
        const since = draft.base.peek().revision;
        const answer = await api.get("/api/v1/roster/changes", {
          query: { since, team_id: teamId, drafts: isPlanner.value },
        });
        if (isOver) return;
        draft.mergeRemote(answer.changes, since, answer.revision, teamId);
        balance.merge(answer.changes);
        isMarked ||= answer.changes.some(latest.current.isMarked);
        settle();
        if (answer.is_complete || answer.revision <= since) return;
      }
    }

    const stop = onEvents(["roster", "draft"], (event) => {
      if (event.name === "reconnected") {
        void draft.retry();
        latest.current.onUnexplained();
        return;
      }
      const about = (JSON.parse(event.data) as { team_id: number | null }).team_id;
      if (about !== null && about !== teamId) return;
      balance.event();
      clearTimeout(soon);
      soon = setTimeout(() => {
        merge().catch((error: unknown) => {
          // The next event, or the reconnection, brings the same changes.
          if (!(error instanceof Problem)) throw error;
        });
      }, SETTLE_MS);
    });
    return () => {
      isOver = true;
      clearTimeout(soon);
      clearTimeout(quiet);
      stopWatching();
      stop();
    };
  }, [draft, teamId]);
}
