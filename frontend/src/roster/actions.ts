import { api } from "../api/client";
import { Problem } from "../api/problem";
import type { components } from "../api/schema";
import { monthOf } from "../lib/dates";
import { formatDateRange, formatMonth } from "../lib/time";
import { dismiss } from "../ui/Toast";
import type { CellChange, RosterDraft } from "./draft";
import { t } from "./words";

export type Action = components["schemas"]["ActionRead"];
export type Direction = "undo" | "redo";

/** The actions that undo and redo mean next. Actions come newest first; what was undone before a newer action stays undone. */
export function nextActions(all: readonly Action[]): Record<Direction, Action | null> {
  const actions = all.filter((action) => action.is_own);
  const newest = actions.findIndex((action) => action.undone_at === null);
  return {
    undo: actions[newest] ?? null,
    redo: actions[(newest < 0 ? actions.length : newest) - 1] ?? null,
  };
}

/** The latest reading of a team's roster today that changed something and is not undone. */
export const lastReading = (actions: readonly Action[], teamId: number | null) =>
  actions.find(
    ({ kind, team_id, undone_at }) => kind === "pulled" && team_id === teamId && undone_at === null,
  );

/** What was done, in words: 导入 2026年12月 的排班, or how many cells on which days. */
export function actionText({
  kind,
  cells,
  first,
  last,
}: Pick<Action, "kind" | "cells" | "first" | "last">): string {
  const isWithinMonth = monthOf(first) === monthOf(last);
  const span =
    kind === "imported" && isWithinMonth ? formatMonth(monthOf(first)) : formatDateRange(first, last);
  return t(`action.${kind}`, { n: cells, span });
}

/** The id of the message that offers to undo an action. */
export const toastOf = (actionId: number) => `action ${actionId}`;

export const todaysActions = async () => (await api.get("/api/v1/roster/actions")).items;

/**
 * Undoes or redoes an action on the server. Cells that were changed since stay; each of them becomes a conflict, for the planner
 * to decide. Resolves to the cells that were changed.
 */
export async function reverseAction(
  draft: RosterDraft,
  direction: Direction,
  action_id: number,
): Promise<CellChange[]> {
  const { teamId, revision } = draft.base.peek();
  const ask = (keep_changed: boolean) => {
    const request = { path: { action_id }, body: { keep_changed, revision } };
    return direction === "undo"
      ? api.post("/api/v1/roster/actions/{action_id}/undo", request)
      : api.post("/api/v1/roster/actions/{action_id}/redo", request);
  };
  let kept: CellChange[] = [];
  const answer = await ask(false).catch((error: unknown) => {
    if (!(error instanceof Problem) || error.code !== "cells_changed") throw error;
    kept = error.extra.cells as CellChange[];
    return ask(true);
  });
  dismiss(toastOf(action_id));
  draft.mergeRemote([...answer.missed, ...answer.cells], revision, answer.revision, teamId);
  draft.ask(
    kept.map(({ user_id, date, shift_id, before_shift_id, changed_by, at }) => ({
      teamId,
      user_id,
      date,
      mine: before_shift_id,
      theirs: shift_id,
      changed_by,
      at,
      revision: answer.revision,
      isOfUndo: true,
    })),
  );
  return answer.cells;
}
