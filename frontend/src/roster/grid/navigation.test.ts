import { expect, test } from "vitest";
import { cellAfterKey } from "./navigation";

test.each([
  ["ArrowRight", { row: 0, column: 1 }],
  ["ArrowLeft", { row: 0, column: 0 }],
  ["ArrowUp", { row: 0, column: 0 }],
  ["ArrowDown", { row: 1, column: 0 }],
  ["End", { row: 0, column: 2 }],
  ["PageDown", { row: 1, column: 0 }],
  ["x", null],
])("%s from the corner of a 2 × 3 roster", (key, to) => {
  expect(cellAfterKey({ row: 0, column: 0 }, key, 2, 3)).toEqual(to);
});

test.each([
  ["ArrowRight", { row: 3, column: 6 }],
  ["ArrowUp", { row: 0, column: 2 }],
  ["Home", { row: 0, column: 0 }],
  ["End", { row: 8, column: 6 }],
])("Ctrl and %s from the middle of a 9 × 7 roster", (key, to) => {
  expect(cellAfterKey({ row: 3, column: 2 }, key, 9, 7, true)).toEqual(to);
});
