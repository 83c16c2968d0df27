import { expect, test } from "vitest";
import { markOfPerson, type Punching, type ShiftGroup, shownGroups } from "./shiftGroups";

const punch = (kind: "clock_in" | "clock_out", status: Punching["status"]): Punching => ({
  id: kind === "clock_in" ? 1 : 2,
  kind,
  point_at: kind === "clock_in" ? "2026-11-24T01:00:00Z" : "2026-11-24T10:00:00Z",
  status,
  ended_by: "",
});

test.each([
  ["scheduled", "scheduled", "waiting"],
  ["nagging", "scheduled", "nagging"],
  ["acknowledged", "scheduled", "done"],
  ["expired", "scheduled", "missed"],
  ["expired", "nagging", "nagging"],
  ["punched", "punched", "done"],
  ["punched", "expired", "missed"],
  ["skipped", "skipped", "skipped"],
] as const)("in %s, out %s is %s", (first, second, mark) => {
  expect(markOfPerson([punch("clock_out", second), punch("clock_in", first)])).toBe(mark);
});

const person = (user_id: number, status: Punching["status"]) => ({
  user_id,
  display_name: `person ${user_id}`,
  reminders: [punch("clock_in", status)],
});
const group = (is_rest: boolean, ...people: ShiftGroup["people"]) =>
  ({ shift: { is_rest }, people, count: people.length }) as ShiftGroup;

test("a filter leaves the people it is about, and no empty group", () => {
  const groups = [
    group(false, person(1, "scheduled"), person(2, "nagging")),
    group(false, person(3, "expired")),
    group(true, person(4, "scheduled")),
  ];
  const ids = (filter: Parameters<typeof shownGroups>[1]) =>
    shownGroups(groups, filter).map((each) => each.people.map((one) => one.user_id));
  expect(ids(null)).toEqual([[1, 2], [3]]);
  expect(ids("to_punch")).toEqual([[1]]);
  expect(ids("nagging")).toEqual([[2]]);
  expect(ids("missed")).toEqual([[3]]);
});
