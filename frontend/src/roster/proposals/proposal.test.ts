import { expect, test } from "vitest";
import type { DrawnRow } from "../plan/preview";
import {
  beforeAfter,
  byReason,
  keptCells,
  type Obstacle,
  type Outcome,
  shortOfHours,
  withheldBy,
  withRow,
} from "./proposal";

const obstacle = (user_id: number, code: string, shift_id: number | null = null): Obstacle => ({
  user_id,
  code,
  shift_id,
  value: 0,
});

test("people with the same reason are named together; work on different shifts is not the same", () => {
  expect(
    byReason([
      obstacle(1, "away"),
      obstacle(2, "at_work", 7),
      obstacle(3, "away"),
      obstacle(4, "at_work", 8),
      obstacle(5, "kept", 7),
      obstacle(6, "kept"),
    ]),
  ).toEqual([
    { code: "away", shiftId: null, userIds: [1, 3] },
    { code: "at_work", shiftId: 7, userIds: [2] },
    { code: "at_work", shiftId: 8, userIds: [4] },
    { code: "kept", shiftId: null, userIds: [5, 6] },
  ]);
});

test("locked cells are kept as they are drawn, blank ones too", () => {
  const row = (id: number): DrawnRow => ({
    id,
    name: "",
    cells: [
      { shiftId: 5, change: "new" },
      { shiftId: null, change: "none" },
      { shiftId: 6, change: "none" },
    ],
  });
  const dates = ["2026-12-01", "2026-12-02", "2026-12-03"];
  const locked = new Set(["2 2026-12-01", "2 2026-12-02", "1 2026-12-03", "1 2027-01-01"]);
  expect(keptCells([row(1), row(2)], dates, locked)).toEqual([
    { user_id: 1, date: "2026-12-03", shift_id: 6 },
    { user_id: 2, date: "2026-12-01", shift_id: 5 },
    { user_id: 2, date: "2026-12-02", shift_id: null },
  ]);
});

test("a whole person is locked, and let go once all of it is", () => {
  const dates = ["2026-12-01", "2026-12-02"];
  const some = new Set(["1 2026-12-01", "2 2026-12-01"]);
  const all = withRow(some, 1, dates);
  expect([...all].sort()).toEqual(["1 2026-12-01", "1 2026-12-02", "2 2026-12-01"]);
  expect([...withRow(all, 1, dates)]).toEqual(["2 2026-12-01"]);
});

test.each([
  [3, 3, "3"],
  [0, 4, "0 → 4"],
])("from %d to %d", (before, after, expected) => {
  expect(beforeAfter(before, after)).toBe(expected);
});

test("who has no tick leaves their shifts without them; days off are nobody's loss", () => {
  const cell = (user_id: number, shift_id: number | null) => ({
    user_id,
    date: "2026-12-01",
    before_shift_id: null,
    shift_id,
  });
  const outcome = {
    cells: [cell(1, 5), cell(2, 5), cell(2, 6), cell(2, 9), cell(3, 9), cell(3, null)],
    shares: [3, 2, 1].map((user_id) => ({ user_id })) as Outcome["shares"],
  };
  const isWork = (id: number) => id !== 9;
  expect(withheldBy(outcome, new Set([1, 2, 3]), isWork)).toEqual({ people: [], shifts: 0 });
  expect(withheldBy(outcome, new Set([1]), isWork)).toEqual({ people: [2], shifts: 2 });
  expect(withheldBy(outcome, new Set(), isWork)).toEqual({ people: [2, 1], shifts: 3 });
});

test("who works less than their contract asks for is named", () => {
  const share = (user_id: number, hours: number, least_hours: number) => ({
    user_id,
    after: { hours },
    least_hours,
  });
  const shares = [share(1, 130, 160), share(2, 160, 160), share(3, 0, 0)] as Outcome["shares"];
  expect(shortOfHours({ shares }).map((each) => each.user_id)).toEqual([1]);
});
