import { useState } from "preact/hooks";
import { Problem, problemText } from "../../api/problem";
import { useResource } from "../../api/resource";
import { me } from "../../api/session";
import { betweenSentences } from "../../i18n";
import { useDebounced } from "../../lib/useDebounced";
import { attempt } from "../../ui/attempt";
import { showToast } from "../../ui/Toast";
import { reverseAction, toastOf } from "../actions";
import type { RosterDraft } from "../draft";
import { useEditorState } from "../editorState";
import { countsOf, type Filled, type PreviewCell } from "./preview";
import { t } from "./words";

export function formatCounts(cells: readonly PreviewCell[], kept: number): string {
  const { added, moved, cleared } = countsOf(cells);
  const parts = [
    added > 0 && t("count.added", { n: added }),
    moved > 0 && t("count.moved", { n: moved }),
    cleared > 0 && t("count.cleared", { n: cleared }),
    kept > 0 && t("count.kept", { n: kept }),
  ].filter((part) => part !== false);
  return cells.length === 0
    ? [t("count.nothing"), ...parts].join(betweenSentences())
    : parts.join(t("list.comma"));
}

interface ApplyOptions {
  /** Reloaded when somebody changed it before the plan was applied. */
  roster: { reload: () => Promise<void> };
  onApplied: () => void;
}

/** Previews what a plan would change while it is put together, and applies it. Without a body there is nothing to preview. */
export function useApplyPlan<Body>(
  body: Body | null,
  ask: (body: Body & { dry_run: boolean; revision?: number }) => Promise<Filled>,
  { roster, onApplied }: ApplyOptions,
) {
  const [isBusy, setBusy] = useState(false);
  const { draft } = useEditorState(me.value?.id ?? 0);
  const wanted = JSON.stringify(body);
  const asked = useDebounced(wanted);
  const preview = useResource(asked, async () => {
    const settled = JSON.parse(asked) as Body | null;
    return settled && { of: asked, answer: await ask({ ...settled, dry_run: true }) };
  }, ["roster", "draft"]);
  const shown = preview.value;

  async function apply() {
    if (!body || !shown) return;
    setBusy(true);
    const { revision } = shown.answer;
    const isApplied = await applyPlan(draft, () => ask({ ...body, dry_run: false, revision }));
    setBusy(false);
    if (isApplied) onApplied();
    else await Promise.all([roster.reload(), preview.reload()]);
  }

  return {
    preview,
    answer: shown?.answer ?? null,
    /** Whether the answer belongs to the present choices. */
    isSettled: shown !== null && shown.of === wanted && preview.error === null,
    isBusy,
    apply,
  };
}

/** Applies what the preview shows, and offers to undo it. False: somebody changed the roster first, or it was refused. */
async function applyPlan(draft: RosterDraft, ask: () => Promise<Filled>): Promise<boolean> {
  try {
    const done = await ask();
    showDone(t("laid", { n: done.changed }), draft, done.changed > 0 ? done.action_id : null);
    return true;
  } catch (error) {
    const isStale = error instanceof Problem && error.code === "roster_stale";
    showToast(isStale ? t("laid.stale") : problemText(error), { isProblem: true });
    return false;
  }
}

/** Says what was done, and offers to undo it for as long as it is not. */
export function showDone(text: string, draft: RosterDraft, actionId: number | null | undefined) {
  const offer = actionId != null && {
    id: toastOf(actionId),
    action: {
      label: t("action.undo"),
      run: () => void attempt(() => reverseAction(draft, "undo", actionId), t("taken_back")),
    },
  };
  showToast(text, { staysMs: 20_000, ...offer });
}
