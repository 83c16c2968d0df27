import { expect, test } from "vitest";
import { edgeScroll, gestureKind, hasMoved, isTap, swipeOf } from "./gestures";

const mouseOnCell = {
  canEdit: true,
  isOnCell: true,
  isOnHandle: false,
  isTouch: false,
  isBrushing: false,
  isSelecting: false,
};

test.each([
  ["a mouse selects", {}, "select"],
  ["a finger scrolls", { isTouch: true }, "browse"],
  ["a finger selects in selection mode", { isTouch: true, isSelecting: true }, "select"],
  ["a brush paints, by finger too", { isTouch: true, isBrushing: true }, "paint"],
  ["the handle fills, brush or not", { isOnHandle: true, isOnCell: false, isBrushing: true }, "fill"],
  ["beside the cells nothing is selected", { isOnCell: false }, "browse"],
  ["members only look", { canEdit: false, isBrushing: true, isOnHandle: true }, "browse"],
] as const)("%s", (_, press, kind) => {
  expect(gestureKind({ ...mouseOnCell, ...press })).toBe(kind);
});

const start = { x: 200, y: 200 };

test.each([
  ["left", { x: 100, y: 210 }, 1],
  ["right", { x: 300, y: 190 }, -1],
  ["too short", { x: 150, y: 200 }, null],
  ["too steep", { x: 100, y: 260 }, null],
])("a swipe %s", (_, end, weeks) => {
  expect(swipeOf(start, end)).toBe(weeks);
});

test("a trembling finger taps", () => {
  const end = { x: 206, y: 207 };
  expect([isTap(start, end), hasMoved(start, end)]).toEqual([true, true]);
  expect(hasMoved(start, { x: 205, y: 205 })).toBe(false);
  expect(isTap(start, { x: 200, y: 212 })).toBe(false);
});

test.each([
  ["the middle", { x: 400, y: 300 }, { down: 0, across: 0 }],
  ["the totals", { x: 400, y: 560 }, { down: 18, across: 0 }],
  ["the dates", { x: 400, y: 60 }, { down: -18, across: 0 }],
  ["the right edge", { x: 790, y: 300 }, { down: 0, across: 28 }],
])("dragging to %s", (_, at, scrolled) => {
  const box = { top: 0, bottom: 600, right: 800 };
  expect(edgeScroll(at, box, { head: 58, foot: 32, rowHeight: 36 })).toEqual(scrolled);
});
