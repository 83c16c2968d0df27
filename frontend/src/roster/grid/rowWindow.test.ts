import { expect, test } from "vitest";
import { drawnRows, nextRange, visibleRows } from "./rowWindow";

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
