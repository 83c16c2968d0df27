import { expect, test } from "vitest";
import { drawnRows, nextRange, rangeStep, visibleRows } from "./rowWindow";

test.each([
  [20, 0, 3, 1, [0, 1, 2]],
  [200, 10, 13, 2, [2, 10, 11, 12]],
  [200, 10, 13, 150, [10, 11, 12, 150]],
  [200, 198, 220, 199, [198, 199]],
  [5, 10, 30, 9, []],
  [5, 10, 30, 4, [4]],
])("of %i rows %i to %i are in view, the active one is %i", (total, first, last, active, drawn) => {
  expect(drawnRows(total, { first, last }, active)).toEqual(drawn);
});

test("of a long roster only the rows in view are drawn", () => {
  expect(visibleRows(0, 600, 36, 200)).toEqual({ first: 0, last: 25 });
  expect(visibleRows(3600, 600, 36, 200)).toEqual({ first: 92, last: 125 });
  expect(visibleRows(99_999, 600, 36, 200)).toEqual({ first: 200, last: 200 });
});

test.each([
  ["scrolling within the spare rows changes nothing", { first: 95, last: 120 }, false],
  ["a row beyond the range moves it", { first: 91, last: 116 }, true],
])("%s", (_, needed, isMoved) => {
  const drawn = { first: 92, last: 125 };
  const next = { first: 80, last: 113 };
  expect(nextRange(drawn, needed, next)).toBe(isMoved ? next : drawn);
});

test("a range far larger than needed shrinks", () => {
  const next = { first: 0, last: 25 };
  expect(nextRange({ first: 0, last: 60 }, { first: 0, last: 20 }, next)).toBe(next);
});

const rows = (first: number, last: number) => ({ first, last });
test.each([
  ["down: spare rows below, and those left behind go", rows(0, 40), rows(5, 50), rows(13, 42), rows(5, 46)],
  ["up: spare rows above", rows(20, 60), rows(5, 50), rows(13, 42), rows(9, 50)],
  ["all in view come, however many they are", rows(0, 20), rows(15, 60), rows(23, 52), rows(15, 56)],
  ["what is left over goes to the other side", rows(10, 48), rows(5, 50), rows(13, 42), rows(8, 50)],
  ["far away: those in view first", rows(0, 33), rows(392, 433), rows(400, 425), rows(400, 429)],
  ["far up: those in view first", rows(392, 433), rows(0, 33), rows(0, 25), rows(0, 29)],
])("%s", (_, drawn, wanted, inView, expected) => {
  expect(rangeStep(drawn, wanted, inView, 4)).toEqual(expected);
});

test.each([
  ["down", rows(0, 33), rows(192, 233), rows(200, 225)],
  ["up", rows(192, 233), rows(0, 33), rows(0, 25)],
])("steps end with all that is wanted: %s", (_, drawn, wanted, inView) => {
  let range = drawn;
  for (let frame = 0; frame < 5; frame++) range = rangeStep(range, wanted, inView, 4);
  expect(range).toEqual(wanted);
});
