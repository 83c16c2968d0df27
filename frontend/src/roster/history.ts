import type { PlainDate } from "../lib/dates";
import type { Change } from "./cells";

/** One cell of a step: what was in it, and what the planner put there. */
export interface Turn {
  user_id: number;
  date: PlainDate;
  before: number | null;
  after: number | null;
}

/** What one stroke, key or paste did. */
export interface Step {
  teamId: number | null;
  turns: readonly Turn[];
}

/** What can be taken back, and what was taken back; the last one is the next. */
export interface History {
  done: readonly Step[];
  undone: readonly Step[];
}

export const NOTHING_DONE: History = { done: [], undone: [] };
const LONGEST = 500;

/** After something new there is nothing left to do again. */
export function recorded(history: History, step: Step): History {
  if (step.turns.length === 0) return history;
  return { done: [...history.done, step].slice(-LONGEST), undone: [] };
}

/** A step that goes on with the last one, as a second letter does: both are taken back at once. */
export function joined(history: History, step: Step): History {
  const last = history.done.at(-1);
  if (!last) return recorded(history, step);
  const turns = new Map(last.turns.map((turn) => [`${turn.user_id} ${turn.date}`, turn]));
  for (const turn of step.turns) {
    const key = `${turn.user_id} ${turn.date}`;
    const first = turns.get(key);
    turns.set(key, first ? { ...turn, before: first.before } : turn);
  }
  return { done: [...history.done.slice(0, -1), { ...last, turns: [...turns.values()] }], undone: [] };
}

export interface TurnedBack {
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
export function turnedBack(
  history: History,
  direction: "undo" | "redo",
  look: (userId: number, date: PlainDate) => number | null | undefined,
): TurnedBack | null {
  const from = direction === "undo" ? history.done : history.undone;
  const step = from.at(-1);
  const [first] = step?.turns ?? [];
  if (!step || !first) return null;
  const [expected, wanted] =
    direction === "undo" ? (["after", "before"] as const) : (["before", "after"] as const);
  const hidden: Turn[] = [];
  const turned: Turn[] = [];
  let skipped = 0;
  for (const turn of step.turns) {
    const now = look(turn.user_id, turn.date);
    if (now === undefined) hidden.push(turn);
    else if (now === turn[expected]) turned.push(turn);
    else skipped++;
  }
  if (hidden.length === step.turns.length)
    return { history, changes: [], skipped: 0, elsewhere: { teamId: step.teamId, date: first.date } };
  const rest = hidden.length > 0 ? [{ ...step, turns: hidden }] : [];
  const here = [...from.slice(0, -1), ...rest];
  const other = direction === "undo" ? history.undone : history.done;
  const there = turned.length > 0 ? [...other, { ...step, turns: turned }] : other;
  return {
    history: direction === "undo" ? { done: here, undone: there } : { done: there, undone: here },
    changes: turned.map((turn) => ({ user_id: turn.user_id, date: turn.date, shift_id: turn[wanted] })),
    skipped,
    elsewhere: null,
  };
}

/** Changes that were refused never happened: the newest turn that made them is forgotten. */
export function forgotten(history: History, refused: readonly Change[]): History {
  const left = new Map(
    refused.map((change) => [`${change.user_id} ${change.date} ${change.shift_id}`, true]),
  );
  const without = (steps: readonly Step[], side: "before" | "after") =>
    steps
      .toReversed()
      .map((step) => ({
        ...step,
        turns: step.turns.filter((turn) => !left.delete(`${turn.user_id} ${turn.date} ${turn[side]}`)),
      }))
      .filter((step) => step.turns.length > 0)
      .toReversed();
  const done = without(history.done, "after");
  return { done, undone: without(history.undone, "before") };
}
