import { describe, expect, test } from "vitest";
import { type Change, cellKey, type RosterRow, reuseRows, withOverlay } from "./cells";

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

const over = (...changes: Change[]) =>
  new Map(changes.map((each) => [cellKey(each.user_id, each.date), each]));

describe("an unsaved change", () => {
  test("is shown at once, and only its own row is a new object", () => {
    const shown = withOverlay([alice, bob], DATES, over(change(1, "2026-11-24", NIGHT)));
    expect(shown[0]?.shiftIds).toEqual([EARLY, NIGHT, REST]);
    expect(alice.shiftIds).toEqual([EARLY, null, REST]);
    expect(shown[1]).toBe(bob);
  });

  test("may clear a cell", () => {
    const shown = withOverlay([alice], DATES, over(change(1, "2026-11-23", null)));
    expect(shown[0]?.shiftIds).toEqual([null, null, REST]);
  });

  test("outside the dates or people shown is ignored", () => {
    const overlay = over(change(1, "2026-12-24", NIGHT), change(9, "2026-11-24", NIGHT));
    expect(withOverlay([alice, bob], DATES, overlay)).toEqual([alice, bob]);
  });
});

test("a reload keeps the rows that did not change", () => {
  const after = [
    { ...alice, shiftIds: [...alice.shiftIds] },
    { ...bob, shiftIds: [NIGHT, null, EARLY] },
  ];
  const kept = reuseRows([alice, bob], after);
  expect(kept[0]).toBe(alice);
  expect(kept[1]).toBe(after[1]);
});
