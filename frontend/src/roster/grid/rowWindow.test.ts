import { expect, test } from "vitest";
import { missingRows, nextShare, visibleRows, wantedRows } from "./rowWindow";

const rows = (first: number, last: number) => ({ first, last });

test.each([
  [0, rows(0, 17)],
  [3610, rows(100, 117)],
  [7000, rows(194, 200)],
  [99_999, rows(200, 200)],
])("scrolled by %i px, of 200 rows those in view", (scrollTop, expected) => {
  expect(visibleRows(scrollTop, 600, 36, 200)).toEqual(expected);
});

test.each([
  ["down", true, rows(96, 133)],
  ["up", false, rows(84, 121)],
])("more spare rows where it is scrolled to: %s", (_, isDown, expected) => {
  expect(wantedRows(rows(100, 117), 200, isDown)).toEqual(expected);
});

test.each([
  ["at the top", rows(0, 17), 200, rows(0, 37)],
  ["at the end", rows(183, 200), 200, rows(163, 200)],
  ["all of few", rows(3, 20), 30, rows(0, 30)],
])("no spare rows beyond the roster, but as many as elsewhere: %s", (_, view, total, expected) => {
  for (const isDown of [true, false]) expect(wantedRows(view, total, isDown)).toEqual(expected);
});

test.each([
  ["those below, the nearest first", rows(0, 14), [14, 15, 16]],
  ["far away, from the middle of the view", rows(0, 0), [12, 11, 13, 10, 14, 9, 15, 8, 16]],
  ["none", rows(0, 17), []],
])("the rows that are missing: %s", (_, drawn, expected) => {
  const isDrawn = (index: number) => index >= drawn.first && index < drawn.last;
  expect(missingRows(rows(8, 17), rows(10, 15), isDrawn)).toEqual(expected);
});

test.each([
  ["a short frame: one row more", 3, 3, 12, 4],
  ["never more than six", 6, 6, 12, 6],
  ["a frame that one row more would make too long: as many", 3, 3, 20, 3],
  ["a short frame in which fewer were missing, which tells nothing of more: as many", 5, 1, 8, 5],
  ["a long frame: as many as would have been in time", 6, 6, 60, 2],
  ["never fewer than two", 2, 2, 400, 2],
])("how many rows come in the next frame, after %s", (_, share, drawn, tookMs, expected) => {
  expect(nextShare(share, drawn, tookMs)).toBe(expected);
});
