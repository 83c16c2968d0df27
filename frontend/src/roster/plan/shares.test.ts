import { expect, it } from "vitest";
import { inOrder, isFar, medianOf, type PersonShare, rounded, signed, usualOf } from "./shares";

const person = (user_id: number, nights: number, more: Partial<PersonShare> = {}): PersonShare => ({
  user_id,
  display_name: `成员${user_id}`,
  team_id: 1,
  is_active: true,
  work_days: 20,
  rest_days: 8,
  leave_days: 0,
  leave_types: {},
  nights,
  weekends: 2,
  holidays: 0,
  hours: 160,
  longest_run: 5,
  shifts: {},
  ...more,
});

it.each([
  [[], 0],
  [[3], 3],
  [[9, 1, 5], 5],
  [[1, 2, 4, 9], 3],
])("the middle of %j is %d", (values, median) => {
  expect(medianOf(values)).toBe(median);
});

it("what is usual counts only who is active", () => {
  const people = [person(1, 2), person(2, 4), person(3, 6), person(4, 30, { is_active: false })];
  expect(usualOf(people, "nights")).toEqual({ least: 2, median: 4, most: 6 });
});

it("the way from the middle has its sign", () => {
  expect([rounded(183.875), rounded(7.98), rounded(8)]).toEqual([183.9, 8, 8]);
  expect([signed(2), signed(-1.5), signed(0.04)]).toEqual(["+2", "−1.5", "±0"]);
});

it.each([
  ["nights", 4, 5, false],
  ["nights", 4, 6, true],
  ["nights", 12, 14, false],
  ["hours", 16, 23, false],
  ["hours", 160, 120, true],
] as const)("%s: middle %d, %d is far: %s", (measure, median, value, far) => {
  expect(isFar(value, { least: 0, median, most: 200 }, measure)).toBe(far);
});

it("people stand in the order one asks for, equals as they were", () => {
  const people = [person(1, 3), person(2, 5), person(3, 3)];
  expect(inOrder(people, { by: "nights", isDown: true }).map((each) => each.user_id)).toEqual([2, 1, 3]);
  expect(inOrder(people, { by: "nights", isDown: false }).map((each) => each.user_id)).toEqual([1, 3, 2]);
});
