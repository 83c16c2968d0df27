import { describe, expect, test } from "vitest";
import {
  type CellEdit,
  dropRefused,
  EMPTY_HISTORY,
  extendLast,
  type History,
  record,
  type Step,
  undoRedo,
} from "./history";

const DAY = "2026-11-24";
const LATER = "2026-12-24";
const edit = (user_id: number, before: number | null, after: number | null, date = DAY): CellEdit => ({
  user_id,
  date,
  before,
  after,
});
const step = (...edits: CellEdit[]): Step => ({ teamId: 5, action: "a", edits });
const afterOne: History = record(EMPTY_HISTORY, step(edit(1, null, 7), edit(2, 3, 7)));

/** A roster as a table; other cells are not shown. */
const seeing =
  (cells: Record<string, number | null>) =>
  (userId: number, date: string): number | null | undefined =>
    cells[`${userId} ${date}`];

test("undo restores the previous shifts, redo applies the step again", () => {
  const undone = undoRedo(afterOne, "undo", seeing({ [`1 ${DAY}`]: 7, [`2 ${DAY}`]: 7 }));
  expect(undone?.changes).toEqual([
    { user_id: 1, date: DAY, shift_id: null, action: "a" },
    { user_id: 2, date: DAY, shift_id: 3, action: "a" },
  ]);
  const redone = undoRedo(
    undone?.history ?? EMPTY_HISTORY,
    "redo",
    seeing({ [`1 ${DAY}`]: null, [`2 ${DAY}`]: 3 }),
  );
  expect(redone?.changes.map((change) => change.shift_id)).toEqual([7, 7]);
  expect(redone?.history).toEqual(afterOne);
});

test("cells that another planner changed since are skipped and counted, and not redone later", () => {
  const undone = undoRedo(afterOne, "undo", seeing({ [`1 ${DAY}`]: 9, [`2 ${DAY}`]: 7 }));
  expect(undone).toMatchObject({ skipped: 1, changes: [{ user_id: 2, shift_id: 3 }] });
  expect(undone?.history.undone).toEqual([step(edit(2, 3, 7))]);
});

test("a step without any shown cell names the place and stays", () => {
  const found = undoRedo(afterOne, "undo", seeing({}));
  expect(found).toEqual({ history: afterOne, changes: [], skipped: 0, elsewhere: { teamId: 5, date: DAY } });
});

test("hidden cells of a step remain to be undone", () => {
  const wide = record(EMPTY_HISTORY, step(edit(1, null, 7), edit(1, null, 7, LATER)));
  const undone = undoRedo(wide, "undo", seeing({ [`1 ${DAY}`]: 7 }));
  expect(undone?.history).toEqual({
    done: [step(edit(1, null, 7, LATER))],
    undone: [step(edit(1, null, 7))],
  });
});

test("after a new step nothing can be redone", () => {
  const undone = undoRedo(afterOne, "undo", seeing({ [`1 ${DAY}`]: 7, [`2 ${DAY}`]: 7 }));
  const next = record(undone?.history ?? EMPTY_HISTORY, step(edit(1, null, 8)));
  expect(next.undone).toEqual([]);
  expect(undoRedo(next, "redo", seeing({}))).toBeNull();
});

test("an empty history has nothing to undo; a step without cells is not recorded", () => {
  expect(undoRedo(EMPTY_HISTORY, "undo", seeing({}))).toBeNull();
  expect(record(afterOne, step())).toBe(afterOne);
});

describe("changes that were refused", () => {
  test("are removed where they were made last", () => {
    const twice = record(afterOne, step(edit(1, 7, 8), edit(1, 8, 7, LATER)));
    expect(dropRefused(twice, [{ user_id: 1, date: DAY, shift_id: 8 }]).done).toEqual([
      afterOne.done[0],
      step(edit(1, 8, 7, LATER)),
    ]);
  });

  test("that were an undo are not offered for redo", () => {
    const undone = undoRedo(afterOne, "undo", seeing({ [`1 ${DAY}`]: 7, [`2 ${DAY}`]: 7 }))?.history;
    const left = dropRefused(undone ?? EMPTY_HISTORY, [
      { user_id: 1, date: DAY, shift_id: null, action: "a" },
      { user_id: 2, date: DAY, shift_id: 3, action: "a" },
    ]);
    expect(left).toEqual(EMPTY_HISTORY);
  });
});

test("the second letter of a code belongs to the first one", () => {
  const one = record(EMPTY_HISTORY, step(edit(1, null, 7)));
  expect(extendLast(one, step(edit(1, 7, 8))).done).toEqual([step(edit(1, null, 8))]);
  expect(extendLast(EMPTY_HISTORY, step(edit(1, 7, 8))).done).toEqual([step(edit(1, 7, 8))]);
});
