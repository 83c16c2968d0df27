import { expect, test } from "vitest";
import type { Shift } from "../shifts/useShifts";
import { companyOf } from "./company";
import type { MonthAnswer } from "./month";

const shift = (id: number, start: string, is_rest = false) =>
  [id, { id, name: `shift ${id}`, is_rest, periods: [{ start, end: "23:00" }] } as Shift] as const;
const SHIFTS = new Map([shift(1, "08:00"), shift(2, "14:00"), shift(3, "06:00"), shift(9, "", true)]);

const day = (cells: Record<string, number | null>, awayIds: number[] = []): MonthAnswer => ({
  dates: ["2026-11-24"],
  days: {},
  users: Object.entries(cells).map(([display_name, shift_id], index) => ({
    id: index + 1,
    display_name,
    team_id: 1,
    shift_ids: [shift_id],
  })),
  marks: awayIds.map((user_id) => ({
    id: user_id,
    user_id,
    kind: "leave",
    first_date: "2026-11-24",
    last_date: "2026-11-24",
    punch_kind: null,
  })),
  revision: 1,
  provisional_years: [],
});

test("who is on my shift, and the others by the hour they begin; rest and leave are not work", () => {
  const found = companyOf(day({ me: 1, Ann: 1, Ben: 2, Cid: 3, Dan: 9, Eve: null, Fay: 1 }, [7]), SHIFTS, 1);
  expect(found.isWorking).toBe(true);
  expect(found.together).toEqual(["Ann"]);
  expect(found.others.map(({ shift, names }) => [shift.id, names])).toEqual([
    [3, ["Cid"]],
    [2, ["Ben"]],
  ]);
});

test("on a day of mine that is free, everybody is another", () => {
  const found = companyOf(day({ me: null, Ann: 1 }), SHIFTS, 1);
  expect(found.isWorking).toBe(false);
  expect(found.others.map(({ names }) => names)).toEqual([["Ann"]]);
});
