import type { PlainDate } from "../lib/dates";
import type { Change } from "./cells";

/** One cell of a step: what was in it, and what the planner put there. */
export interface CellEdit {
  user_id: number;
  date: PlainDate;
  before: number | null;
  after: number | null;
}

/** What one stroke, key or paste did. */
export interface Step {
  teamId: number | null;
  edits: readonly CellEdit[];
}

/** What can be taken back, and what was taken back; the last one is the next. */
export interface History {
  done: readonly Step[];
  undone: readonly Step[];
}

export const EMPTY_HISTORY: History = { done: [], undone: [] };
const LONGEST = 500;

/** After something new there is nothing left to do again. */
export function record(history: History, step: Step): History {
  if (step.edits.length === 0) return history;
  return { done: [...history.done, step].slice(-LONGEST), undone: [] };
}

/** A step that goes on with the last one, as a second letter does: both are taken back at once. */
export function extendLast(history: History, step: Step): History {
  const last = history.done.at(-1);
  if (!last) return record(history, step);
  const edits = new Map(last.edits.map((edit) => [`${edit.user_id} ${edit.date}`, edit]));
  for (const edit of step.edits) {
    const key = `${edit.user_id} ${edit.date}`;
    const first = edits.get(key);
    edits.set(key, first ? { ...edit, before: first.before } : edit);
  }
  return { done: [...history.done.slice(0, -1), { ...last, edits: [...edits.values()] }], undone: [] };
}

export interface UndoResult {
  history: History;
  changes: Change[];
  /** Cells that somebody else changed since: they stay as they are. */
  skipped: number;
  /** Nothing of the step is in sight: this is where to look. */
  elsewhere: { teamId: number | null; date: PlainDate } | null;
}

/**
 * Undo or redo of the last step. `look` tells what is in a cell now, undefined for cells out of sight: they wait in a step
 * of their own, because nobody should change what they do not see.
 */
export function undoRedo(
  history: History,
  direction: "undo" | "redo",
  look: (userId: number, date: PlainDate) => number | null | undefined,
): UndoResult | null {
  const from = direction === "undo" ? history.done : history.undone;
  const step = from.at(-1);
  const [first] = step?.edits ?? [];
  if (!step || !first) return null;
  const [expected, wanted] =
    direction === "undo" ? (["after", "before"] as const) : (["before", "after"] as const);
  const hidden: CellEdit[] = [];
  const turned: CellEdit[] = [];
  let skipped = 0;
  for (const edit of step.edits) {
    const now = look(edit.user_id, edit.date);
    if (now === undefined) hidden.push(edit);
    else if (now === edit[expected]) turned.push(edit);
    else skipped++;
  }
  if (hidden.length === step.edits.length)
    return { history, changes: [], skipped: 0, elsewhere: { teamId: step.teamId, date: first.date } };
  const rest = hidden.length > 0 ? [{ ...step, edits: hidden }] : [];
  const here = [...from.slice(0, -1), ...rest];
  const other = direction === "undo" ? history.undone : history.done;
  const there = turned.length > 0 ? [...other, { ...step, edits: turned }] : other;
  return {
    history: direction === "undo" ? { done: here, undone: there } : { done: there, undone: here },
    changes: turned.map((edit) => ({ user_id: edit.user_id, date: edit.date, shift_id: edit[wanted] })),
    skipped,
    elsewhere: null,
  };
}

/** Changes that were refused never happened: the newest edit that made them is dropRefused. */
export function dropRefused(history: History, refused: readonly Change[]): History {
  const left = new Map(
    refused.map((change) => [`${change.user_id} ${change.date} ${change.shift_id}`, true]),
  );
  const without = (steps: readonly Step[], side: "before" | "after") =>
    steps
      .toReversed()
      .map((step) => ({
        ...step,
        edits: step.edits.filter((edit) => !left.delete(`${edit.user_id} ${edit.date} ${edit[side]}`)),
      }))
      .filter((step) => step.edits.length > 0)
      .toReversed();
  const done = without(history.done, "after");
  return { done, undone: without(history.undone, "before") };
}
