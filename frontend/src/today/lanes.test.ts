import { expect, test } from "vitest";
import { type Lane, markOfPerson, type Punching, shownLanes } from "./lanes";

const punch = (kind: "clock_in" | "clock_out", status: Punching["status"]): Punching => ({
  id: kind === "clock_in" ? 1 : 2,
  kind,
  point_at: kind === "clock_in" ? "2026-11-24T01:00:00Z" : "2026-11-24T10:00:00Z",
  status,
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
const lane = (is_rest: boolean, ...people: Lane["people"]) => ({ shift: { is_rest }, people }) as Lane;

test("a filter leaves the people it is about, and no empty lane", () => {
  const lanes = [
    lane(false, person(1, "scheduled"), person(2, "nagging")),
    lane(false, person(3, "expired")),
    lane(true, person(4, "scheduled")),
  ];
  const ids = (filter: Parameters<typeof shownLanes>[1]) =>
    shownLanes(lanes, filter).map((each) => each.people.map((one) => one.user_id));
  expect(ids(null)).toEqual([[1, 2], [3]]);
  expect(ids("to_punch")).toEqual([[1]]);
  expect(ids("nagging")).toEqual([[2]]);
  expect(ids("missed")).toEqual([[3]]);
});
