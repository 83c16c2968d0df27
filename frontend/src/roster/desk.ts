import { type Signal, signal } from "@preact/signals";
import { api } from "../api/client";
import { Problem, problemText } from "../api/problem";
import { me } from "../api/session";
import { nextPaint } from "../lib/nextPaint";
import { showToast } from "../ui/Toast";
import { RosterDraft } from "./draft";
import { forgotten, type History, NOTHING_DONE } from "./history";
import { t } from "./words";

/** What a planner has in hand as long as the page is open: unsaved changes and what can be taken back. */
export interface Desk {
  draft: RosterDraft;
  history: Signal<History>;
}

let desk: (Desk & { owner: number }) | null = null;

/** The desk of the person who is signed in; somebody else finds it empty. */
export function deskOf(owner: number): Desk {
  if (desk?.owner === owner) return desk;
  desk?.draft.abandon();
  const history = signal(NOTHING_DONE);
  const draft = new RosterDraft(
    async (assignments, revision) => {
      await nextPaint();
      if (me.peek()?.id !== owner) throw new Problem(401);
      return api.put("/api/v1/roster", { body: { assignments, revision } });
    },
    (error, changes) => {
      history.value = forgotten(history.peek(), changes);
      showToast(t("not_saved", { reason: problemText(error) }), { isProblem: true });
    },
  );
  desk = { owner, draft, history };
  return desk;
}
