import { expect, test } from "vitest";
import { readQuery, restOf, withRead } from "./peoplePages";
import { isPart, type ShiftGroup } from "./shiftGroups";

const person = (user_id: number, display_name = `person ${user_id}`) => ({
  user_id,
  display_name,
  reminders: [],
});
const group = (shift: number, count: number, ...people: ShiftGroup["people"]) =>
  ({
    team_id: 1,
    work_date: "2026-11-24",
    shift: { id: shift, is_rest: false },
    count,
    people,
  }) as ShiftGroup;

test("who is read later comes after those who need attention, once", () => {
  const [all] = withRead(
    [group(1, 5, person(3, "now"))],
    [group(1, 2, person(1), person(3)), group(1, 1, person(4))],
  );
  expect(all?.people.map((each) => each.display_name)).toEqual(["now", "person 1", "person 4"]);
  expect(all?.count).toBe(5);
  expect(all && restOf(all)).toBe(2);
});

test("pages of a number make groups of whom they name", () => {
  const groups = withRead(
    [],
    [group(1, 2, person(1), person(2)), group(2, 1, person(5)), group(1, 1, person(9))],
  );
  expect(groups.map((each) => [each.shift.id, each.count])).toEqual([
    [1, 3],
    [2, 1],
  ]);
});

test("a group is asked for by what it is, a number by its state", () => {
  expect(readQuery("1 2026-11-24 7", group(7, 1))).toEqual({
    team_id: 1,
    shift_id: 7,
    work_date: "2026-11-24",
  });
  expect(readQuery("k", { ...group(7, 1), team_id: null })).toMatchObject({ team_id: 0 });
  expect(readQuery("missed", undefined)).toEqual({ state: "missed" });
});

test("only an answer without everybody is a part", () => {
  expect(isPart([group(1, 1, person(1)), group(2, 2, person(2))])).toBe(true);
  expect(isPart([group(1, 1, person(1))])).toBe(false);
});
