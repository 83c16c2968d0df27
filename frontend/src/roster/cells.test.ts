import { describe, expect, test } from "vitest";
import {
  type Change,
  coverage,
  keptRows,
  keyOf,
  moved,
  type RosterRow,
  rowsWith,
  shiftTyped,
  visibleRows,
} from "./cells";

const DATES = ["2026-11-23", "2026-11-24", "2026-11-25"];
const EARLY = 1;
const NIGHT = 2;
const REST = 3;
const alice: RosterRow = { id: 1, name: "Alice", shiftIds: [EARLY, null, REST] };
const bob: RosterRow = { id: 2, name: "Bob", shiftIds: [NIGHT, NIGHT, EARLY] };

const change = (user_id: number, date: string, shift_id: number | null): Change => ({
  user_id,
  date,
  shift_id,
});

const over = (...changes: Change[]) => new Map(changes.map((each) => [keyOf(each.user_id, each.date), each]));

describe("an unsaved change", () => {
  test("is shown at once, and only its own row is a new object", () => {
    const shown = rowsWith([alice, bob], DATES, over(change(1, "2026-11-24", NIGHT)));
    expect(shown[0]?.shiftIds).toEqual([EARLY, NIGHT, REST]);
    expect(alice.shiftIds).toEqual([EARLY, null, REST]);
    expect(shown[1]).toBe(bob);
  });

  test("may clear a cell", () => {
    const shown = rowsWith([alice], DATES, over(change(1, "2026-11-23", null)));
    expect(shown[0]?.shiftIds).toEqual([null, null, REST]);
  });

  test("outside the dates or the people on the page is not drawn", () => {
    const overlay = over(change(1, "2026-12-24", NIGHT), change(9, "2026-11-24", NIGHT));
    expect(rowsWith([alice, bob], DATES, overlay)).toEqual([alice, bob]);
  });
});

test("a reload keeps the rows that did not change", () => {
  const after = [
    { ...alice, shiftIds: [...alice.shiftIds] },
    { ...bob, shiftIds: [NIGHT, null, EARLY] },
  ];
  const kept = keptRows([alice, bob], after);
  expect(kept[0]).toBe(alice);
  expect(kept[1]).toBe(after[1]);
});

test("coverage counts working people and no rest", () => {
  expect(coverage([alice, bob], 3, (id) => id !== REST)).toEqual([2, 1, 1]);
  expect(coverage([alice, bob], 3, (id) => id === NIGHT)).toEqual([1, 1, 0]);
});

test.each([
  ["ArrowRight", { row: 0, column: 1 }],
  ["ArrowLeft", { row: 0, column: 0 }],
  ["ArrowUp", { row: 0, column: 0 }],
  ["ArrowDown", { row: 1, column: 0 }],
  ["End", { row: 0, column: 2 }],
  ["PageDown", { row: 1, column: 0 }],
  ["x", null],
])("%s from the corner of a 2 × 3 roster", (key, to) => {
  expect(moved({ row: 0, column: 0 }, key, 2, 3)).toEqual(to);
});

test.each([
  ["ArrowRight", { row: 3, column: 6 }],
  ["ArrowUp", { row: 0, column: 2 }],
  ["Home", { row: 0, column: 0 }],
  ["End", { row: 8, column: 6 }],
])("Ctrl and %s from the middle of a 9 × 7 roster", (key, to) => {
  expect(moved({ row: 3, column: 2 }, key, 9, 7, true)).toEqual(to);
});

describe("typing a code", () => {
  const shifts = [
    { id: 1, code: "A" },
    { id: 2, code: "A1" },
    { id: 3, code: "夜" },
    { id: 4, code: "BX" },
  ];
  test.each([
    ["夜", 3, true],
    ["a", 1, false],
    ["a1", 2, true],
    ["b", 4, true],
    ["z", null, true],
    ["3", 3, true],
    ["9", null, true],
  ])("%s", (typed, id, isFinal) => {
    const found = shiftTyped(shifts, typed);
    expect(found.shift?.id ?? null).toBe(id);
    expect(found.isFinal).toBe(isFinal);
  });
});

test("of a long roster only what is in sight is drawn", () => {
  expect(visibleRows(0, 600, 36, 200)).toEqual({ first: 0, last: 25 });
  expect(visibleRows(3600, 600, 36, 200)).toEqual({ first: 92, last: 125 });
  expect(visibleRows(99_999, 600, 36, 200)).toEqual({ first: 200, last: 200 });
});
