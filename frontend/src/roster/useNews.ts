import { useEffect, useRef } from "preact/hooks";
import { api } from "../api/client";
import { onEvents } from "../api/events";
import { Problem } from "../api/problem";
import type { RosterDraft } from "./draft";

const SETTLE_MS = 150;
/** News that names no cell may be a leave, a swap, a holiday: then everything is read again, once it is quiet. */
const QUIET_MS = 2500;

/** Follows what others do in the team in sight: their cells alone, and the whole roster only when that does not explain it. */
export function useNews(draft: RosterDraft, teamId: number | null, readAnew: () => void, looked: () => void) {
  const told = useRef({ readAnew, looked });
  told.current = { readAnew, looked };
  useEffect(() => {
    let soon: ReturnType<typeof setTimeout> | undefined;
    let quiet: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;

    async function follow() {
      for (;;) {
        const since = draft.base.peek().revision;
        const news = await api.get("/api/v1/roster/changes", {
          query: { since, ...(teamId === null ? {} : { team_id: teamId }) },
        });
        if (isOver) return;
        draft.hear(news.changes, since, news.revision, teamId);
        clearTimeout(quiet);
        const explained = news.changes.length > 0;
        quiet = setTimeout(() => {
          if (explained) told.current.looked();
          else told.current.readAnew();
        }, QUIET_MS);
        if (news.is_complete || news.revision <= since) return;
      }
    }

    const stop = onEvents(["roster"], (event) => {
      if (event.name === "reconnected") {
        void draft.retry();
        told.current.readAnew();
        return;
      }
      const about = (JSON.parse(event.data) as { team_id: number | null }).team_id;
      if (about !== null && about !== teamId) return;
      clearTimeout(soon);
      soon = setTimeout(() => {
        follow().catch((error: unknown) => {
          // The next news, or the line's return, tells the same again.
          if (!(error instanceof Problem)) throw error;
        });
      }, SETTLE_MS);
    });
    return () => {
      isOver = true;
      clearTimeout(soon);
      clearTimeout(quiet);
      stop();
    };
  }, [draft, teamId]);
}
