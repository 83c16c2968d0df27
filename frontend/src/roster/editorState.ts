import { effect, type Signal, signal } from "@preact/signals";
import { api } from "../api/client";
import { Problem, problemText } from "../api/problem";
import { me } from "../api/session";
import { useAppState } from "../lib/appState";
import { nextPaint } from "../lib/nextPaint";
import { showToast } from "../ui/Toast";
import { ClipboardFallback } from "./clipboardFallback";
import { RosterDraft } from "./draft";
import { someOf } from "./findings";
import type { GridPlace } from "./grid/useRememberedPlace";
import { dropRefused, EMPTY_HISTORY, type History } from "./history";
import { t } from "./words";

/** A planner's unsaved changes, undo history and clipboard. It outlives the roster page. */
export interface EditorState {
  owner: number;
  draft: RosterDraft;
  history: Signal<History>;
  clipboard: ClipboardFallback;
  /** Where the grid is scrolled to. */
  place: GridPlace;
  /** Undo or redo of cells in another month, to be done when that month is shown. */
  pendingUndo: "undo" | "redo" | null;
  /** Settled when the latest undo or redo is done: they run one after the other. */
  undoing: Promise<void>;
  /** How many steps were made. An undo that still waits when there is a new one is dropped: it was about what was before. */
  steps: number;
}

/** The editor state of the person who is signed in. Another person starts with an empty one. */
export function useEditorState(owner: number): EditorState {
  const held = useAppState<{ state: EditorState | null }>("roster", () => ({ state: null }));
  if (held.state?.owner !== owner) {
    held.state?.draft.abandon();
    held.state = newEditorState(owner);
  }
  return held.state;
}

function newEditorState(owner: number): EditorState {
  const history = signal(EMPTY_HISTORY);
  const draft = new RosterDraft(
    async (assignments, revision, goesOn) => {
      if (!goesOn) await nextPaint();
      if (me.peek()?.id !== owner) throw new Problem(401);
      return api.put("/api/v1/roster", { body: { assignments, revision } });
    },
    (error, changes) => {
      history.value = dropRefused(history.peek(), changes);
      const names = new Map(draft.base.peek().rows.map((row) => [row.id, row.name]));
      const people = new Set(changes.map(({ user_id }) => names.get(user_id) ?? `#${user_id}`));
      const said = { people: someOf([...people]), n: changes.length, reason: problemText(error) };
      showToast(t("not_saved", said), { isProblem: true });
    },
  );
  keepUnsaved(draft);
  return {
    owner,
    draft,
    history,
    clipboard: new ClipboardFallback(),
    place: { teamId: null, from: "", top: 0, left: 0 },
    pendingUndo: null,
    undoing: Promise.resolve(),
    steps: 0,
  };
}

/** While changes are unsaved, whatever page is open: they are retried when the connection is back, and a tab asks before it closes. */
function keepUnsaved(draft: RosterDraft) {
  const retry = () => void draft.retry();
  const ask = (event: BeforeUnloadEvent) => event.preventDefault();
  effect(() => {
    if (draft.overlay.value.size === 0) return;
    addEventListener("online", retry);
    addEventListener("beforeunload", ask);
    return () => {
      removeEventListener("online", retry);
      removeEventListener("beforeunload", ask);
    };
  });
}
