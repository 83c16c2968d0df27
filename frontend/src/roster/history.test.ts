import { describe, expect, test } from "vitest";
import {
  forgotten,
  type History,
  joined,
  NOTHING_DONE,
  recorded,
  type Step,
  type Turn,
  turnedBack,
} from "./history";

const DAY = "2026-11-24";
const LATER = "2026-12-24";
const turn = (user_id: number, before: number | null, after: number | null, date = DAY): Turn => ({
  user_id,
  date,
  before,
  after,
});
const step = (...turns: Turn[]): Step => ({ teamId: 5, turns });
const afterOne: History = recorded(NOTHING_DONE, step(turn(1, null, 7), turn(2, 3, 7)));

/** A roster as a table; other cells are out of sight. */
const seeing =
  (cells: Record<string, number | null>) =>
  (userId: number, date: string): number | null | undefined =>
    cells[`${userId} ${date}`];

test("undo puts back what was there, redo does it again", () => {
  const undone = turnedBack(afterOne, "undo", seeing({ [`1 ${DAY}`]: 7, [`2 ${DAY}`]: 7 }));
  expect(undone?.changes).toEqual([
    { user_id: 1, date: DAY, shift_id: null },
    { user_id: 2, date: DAY, shift_id: 3 },
  ]);
  const redone = turnedBack(
    undone?.history ?? NOTHING_DONE,
    "redo",
    seeing({ [`1 ${DAY}`]: null, [`2 ${DAY}`]: 3 }),
  );
  expect(redone?.changes.map((change) => change.shift_id)).toEqual([7, 7]);
  expect(redone?.history).toEqual(afterOne);
});

test("what somebody else changed since is skipped and counted, and not done again later", () => {
  const undone = turnedBack(afterOne, "undo", seeing({ [`1 ${DAY}`]: 9, [`2 ${DAY}`]: 7 }));
  expect(undone).toMatchObject({ skipped: 1, changes: [{ user_id: 2, shift_id: 3 }] });
  expect(undone?.history.undone).toEqual([step(turn(2, 3, 7))]);
});

test("a step that is wholly out of sight names the place and stays", () => {
  const found = turnedBack(afterOne, "undo", seeing({}));
  expect(found).toEqual({ history: afterOne, changes: [], skipped: 0, elsewhere: { teamId: 5, date: DAY } });
});

test("of a step that is partly out of sight the rest waits", () => {
  const wide = recorded(NOTHING_DONE, step(turn(1, null, 7), turn(1, null, 7, LATER)));
  const undone = turnedBack(wide, "undo", seeing({ [`1 ${DAY}`]: 7 }));
  expect(undone?.history).toEqual({
    done: [step(turn(1, null, 7, LATER))],
    undone: [step(turn(1, null, 7))],
  });
});

test("after something new nothing can be done again", () => {
  const undone = turnedBack(afterOne, "undo", seeing({ [`1 ${DAY}`]: 7, [`2 ${DAY}`]: 7 }));
  const next = recorded(undone?.history ?? NOTHING_DONE, step(turn(1, null, 8)));
  expect(next.undone).toEqual([]);
  expect(turnedBack(next, "redo", seeing({}))).toBeNull();
});

test("nothing done, nothing to undo; a step without cells is none", () => {
  expect(turnedBack(NOTHING_DONE, "undo", seeing({}))).toBeNull();
  expect(recorded(afterOne, step())).toBe(afterOne);
});

describe("changes that were refused", () => {
  test("are forgotten where they were made last", () => {
    const twice = recorded(afterOne, step(turn(1, 7, 8), turn(1, 8, 7, LATER)));
    expect(forgotten(twice, [{ user_id: 1, date: DAY, shift_id: 8 }]).done).toEqual([
      afterOne.done[0],
      step(turn(1, 8, 7, LATER)),
    ]);
  });

  test("that were an undo are not offered for redo", () => {
    const undone = turnedBack(afterOne, "undo", seeing({ [`1 ${DAY}`]: 7, [`2 ${DAY}`]: 7 }))?.history;
    const left = forgotten(undone ?? NOTHING_DONE, [
      { user_id: 1, date: DAY, shift_id: null },
      { user_id: 2, date: DAY, shift_id: 3 },
    ]);
    expect(left).toEqual(NOTHING_DONE);
  });
});

test("the second letter of a code belongs to the first one", () => {
  const one = recorded(NOTHING_DONE, step(turn(1, null, 7)));
  expect(joined(one, step(turn(1, 7, 8))).done).toEqual([step(turn(1, null, 8))]);
  expect(joined(NOTHING_DONE, step(turn(1, 7, 8))).done).toEqual([step(turn(1, 7, 8))]);
});
