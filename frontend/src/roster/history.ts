import type { PlainDate } from "../lib/dates";
import type { Change } from "./cells";

/** One cell of a step: the shift before and after. */
export interface CellEdit {
  user_id: number;
  date: PlainDate;
  before: number | null;
  after: number | null;
}

/** The cells changed by one stroke, key or paste. */
export interface Step {
  teamId: number | null;
  /** The name of its action on the server. */
  action: string;
  edits: readonly CellEdit[];
}

/** Steps since everything was saved last: what is saved is undone by the server. The last comes first. */
export interface History {
  done: readonly Step[];
  undone: readonly Step[];
}

export const EMPTY_HISTORY: History = { done: [], undone: [] };
const LONGEST = 500;

/** A name that no other action of this planner has. */
export const newAction = () => crypto.getRandomValues(new Uint32Array(3)).join("-").slice(0, 24);

/** Adds a step. Nothing can be redone after it. */
export function record(history: History, step: Step): History {
  if (step.edits.length === 0) return history;
  return { done: [...history.done, step].slice(-LONGEST), undone: [] };
}

/** Merges a step into the last one: both are undone at once. Where they leave everything as it was, there is no step. */
export function extendLast(history: History, step: Step): History {
  const last = history.done.at(-1);
  if (!last) return record(history, step);
  const edits = new Map(last.edits.map((edit) => [`${edit.user_id} ${edit.date}`, edit]));
  for (const edit of step.edits) {
    const key = `${edit.user_id} ${edit.date}`;
    const first = edits.get(key);
    edits.set(key, first ? { ...edit, before: first.before } : edit);
  }
  const left = [...edits.values()].filter((edit) => edit.before !== edit.after);
  const done = history.done.slice(0, -1);
  return { done: left.length > 0 ? [...done, { ...last, edits: left }] : done, undone: [] };
}

export interface UndoResult {
  history: History;
  changes: Change[];
  /** How many cells stay because another planner changed them since. */
  skipped: number;
  /** Set when no cell of the step is shown: where its cells are. */
  elsewhere: { teamId: number | null; date: PlainDate } | null;
}

/**
 * Undoes or redoes the last step. `valueAt` returns what a cell holds now, undefined for a cell that is not shown: it remains
 * in a step of its own, because nobody should change what they cannot see.
 */
export function undoRedo(
  history: History,
  direction: "undo" | "redo",
  valueAt: (userId: number, date: PlainDate) => number | null | undefined,
): UndoResult | null {
  const from = direction === "undo" ? history.done : history.undone;
  const step = from.at(-1);
  const [first] = step?.edits ?? [];
  if (!step || !first) return null;
  const [expected, wanted] =
    direction === "undo" ? (["after", "before"] as const) : (["before", "after"] as const);
  const hidden: CellEdit[] = [];
  const reverted: CellEdit[] = [];
  let skipped = 0;
  for (const edit of step.edits) {
    const now = valueAt(edit.user_id, edit.date);
    if (now === undefined) hidden.push(edit);
    else if (now === edit[expected]) reverted.push(edit);
    else skipped++;
  }
  if (hidden.length === step.edits.length)
    return { history, changes: [], skipped: 0, elsewhere: { teamId: step.teamId, date: first.date } };
  const rest = hidden.length > 0 ? [{ ...step, edits: hidden }] : [];
  const here = [...from.slice(0, -1), ...rest];
  const other = direction === "undo" ? history.undone : history.done;
  const there = reverted.length > 0 ? [...other, { ...step, edits: reverted }] : other;
  return {
    history: direction === "undo" ? { done: here, undone: there } : { done: there, undone: here },
    changes: reverted.map((edit) => ({
      user_id: edit.user_id,
      date: edit.date,
      shift_id: edit[wanted],
      action: step.action,
    })),
    skipped,
    elsewhere: null,
  };
}

/** Removes changes that the server refused: for each cell the newest edit that made it. */
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
