import { expect, test } from "vitest";
import type { DrawnRow } from "../plan/preview";
import { beforeAfter, byReason, keptCells, type Obstacle } from "./proposal";

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

test("what is kept are the ticked people's proposed and blank days, not what was planned before", () => {
  const row = (id: number): DrawnRow => ({
    id,
    name: "",
    cells: [
      { shiftId: 5, change: "new" },
      { shiftId: null, change: "none" },
      { shiftId: 6, change: "none" },
      { shiftId: null, change: "cleared" },
    ],
  });
  const dates = ["2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04"];
  expect(keptCells([row(1), row(2)], dates, new Set([2]))).toEqual([
    { user_id: 2, date: "2026-12-01", shift_id: 5 },
    { user_id: 2, date: "2026-12-02", shift_id: null },
    { user_id: 2, date: "2026-12-04", shift_id: null },
  ]);
});

test.each([
  [3, 3, "3"],
  [0, 4, "0 → 4"],
])("from %d to %d", (before, after, expected) => {
  expect(beforeAfter(before, after)).toBe(expected);
});
