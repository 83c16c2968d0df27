import { expect, test } from "vitest";
import type { Shift } from "../shifts/useShifts";
import {
  isAway,
  type Mark,
  marksByCell,
  type Need,
  requiredPeople,
  shiftCoverage,
  shortfall,
  staffTotals,
  totalOf,
} from "./coverage";

const EARLY = 1;
const need = (day: Need["day"], people: number): Need => ({ shift_id: EARLY, day, people });
const table = (...needs: Need[]) =>
  new Map(needs.map((each) => [`${each.shift_id} ${each.day}`, each.people]));
const leave = (more: Partial<Mark> = {}): Mark => ({
  id: 1,
  user_id: 2,
  kind: "leave",
  first_date: "2026-11-24",
  last_date: "2026-11-25",
  punch_kind: null,
  ...more,
});

// The same rules as in backend/daka/roster/rules.py.
test.each([
  ["2026-11-24", "workday", [need("any", 2)], 2],
  ["2026-11-24", "workday", [need("any", 2), need("workday", 3)], 3],
  ["2026-11-24", "workday", [need("any", 2), need("workday", 3), need("tue", 4)], 4],
  ["2026-10-01", "holiday", [need("thu", 4), need("holiday", 1)], 1],
  ["2026-10-10", "makeup_workday", [need("sat", 1), need("workday", 3)], 3],
  ["2026-10-10", "makeup_workday", [need("workday", 3), need("makeup_workday", 5)], 5],
  ["2026-11-28", "weekend", [need("workday", 3)], null],
  ["2026-11-28", "weekend", [need("weekend", 0)], 0],
] as const)("on %s, a %s, with %o", (date, kind, needs, people) => {
  expect(requiredPeople(table(...needs), EARLY, date, kind)).toBe(people);
});

test("people on the shift are counted, except those on leave the whole day", () => {
  const dates = ["2026-11-24", "2026-11-25"];
  const rows = [
    { id: 1, name: "Alice", shiftIds: [EARLY, EARLY] },
    { id: 2, name: "Bob", shiftIds: [EARLY, null] },
  ];
  const marks = marksByCell([leave()], dates);
  const covered = shiftCoverage(rows, dates, [need("any", 2)], () => "workday", marks);
  expect(covered.get(EARLY)).toEqual([
    { planned: 1, needed: 2 },
    { planned: 1, needed: 2 },
  ]);
  expect(covered.get(EARLY)?.map(shortfall)).toEqual([1, 1]);
  expect(shiftCoverage(rows, dates, [], () => "workday", marks).size).toBe(0);
});

test("leave for one punch, a skipped day and a swap do not make a person absent", () => {
  expect(isAway([leave({ punch_kind: "clock_in" })])).toBe(false);
  expect(isAway([leave({ kind: "skip" }), leave({ kind: "swap" })])).toBe(false);
  expect(isAway(undefined)).toBe(false);
  expect(isAway([leave()])).toBe(true);
});

test("marks reach from their first to their last date, within the dates shown", () => {
  const marks = marksByCell(
    [leave({ first_date: "2026-10-01" })],
    ["2026-11-23", "2026-11-25", "2026-11-26"],
  );
  expect([...(marks.get(2)?.keys() ?? [])]).toEqual(["2026-11-23", "2026-11-25"]);
});

test("more people than needed is no shortfall", () => {
  expect([shortfall({ planned: 3, needed: 2 }), shortfall({ planned: 0, needed: null })]).toEqual([0, 0]);
});

test("the totals count people at work, without rest and leave", () => {
  const NIGHT = 2;
  const REST = 3;
  const alice = { id: 1, name: "Alice", shiftIds: [EARLY, null, REST] };
  const bob = { id: 2, name: "Bob", shiftIds: [NIGHT, NIGHT, EARLY] };
  const dates = ["2026-11-23", "2026-11-24", "2026-11-25"];
  const totals = (shiftIds: number[], ...marks: Mark[]) =>
    staffTotals([alice, bob], dates, new Set(shiftIds), marksByCell(marks, dates));
  expect(totals([EARLY, NIGHT])).toEqual([2, 1, 1]);
  expect(totals([NIGHT])).toEqual([1, 1, 0]);
  expect(totals([EARLY, NIGHT], leave())).toEqual([2, 0, 0]);
  expect(totals([EARLY, NIGHT], leave({ punch_kind: "clock_in" }))).toEqual([2, 1, 1]);
});

test("a person's total counts work, without rest and leave", () => {
  const shift = (id: number, ...periods: [string, string][]) => ({
    ...({ id, is_rest: periods.length === 0 } as Shift),
    periods: periods.map(([start, end]) => ({ start, end })),
  });
  const shifts = new Map([
    [1, shift(1, ["08:00", "12:00"], ["13:00", "17:30"])],
    [2, shift(2, ["22:00", "06:00"])],
    [3, shift(3)],
    [4, shift(4, ["00:00", "00:00"])],
  ]);
  const total = (shiftIds: (number | null)[], away = -1) =>
    totalOf(shiftIds, shifts, (column) => column === away);
  expect(total([1, 2, 3, null, 99])).toEqual({ days: 2, hours: 16.5 });
  expect(total([1, 2], 0)).toEqual({ days: 1, hours: 8 });
  expect(total([4])).toEqual({ days: 1, hours: 24 });
});
