import { expect, test } from "vitest";
import type { Shift } from "../shifts/useShifts";
import { isMet, weeksOf } from "./wish";

const shift = (id: number, is_rest = false) => ({ id, is_rest }) as Shift;

test.each([
  ["free", null, undefined, true],
  ["free", null, shift(9, true), true],
  ["free", null, shift(1), false],
  ["wanted", 1, shift(1), true],
  ["wanted", 1, shift(2), false],
  ["wanted", 1, undefined, false],
  ["unwanted", 1, shift(1), false],
  ["unwanted", 1, shift(2), true],
  ["unwanted", 1, undefined, true],
] as const)("%s %s with %o: %s", (kind, shift_id, planned, met) => {
  expect(isMet({ kind, shift_id }, planned)).toBe(met);
});

test("whole weeks hold the first and the last day", () => {
  const weeks = weeksOf("2026-12-01", "2026-12-31");
  expect([weeks.length, weeks[0]?.[0], weeks.at(-1)?.[6]]).toEqual([5, "2026-11-30", "2027-01-03"]);
  expect(weeksOf("2026-12-07", "2026-12-07")).toHaveLength(1);
});
