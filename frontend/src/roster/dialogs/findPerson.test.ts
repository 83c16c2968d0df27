import { expect, test } from "vitest";
import { rowsNamed } from "./FindPerson";

const ROWS = ["王波", "李小王", "Bob", "阿Bob", "王小明"].map((name, id) => ({ id, name, shiftIds: [] }));

test.each([
  ["", []],
  ["  ", []],
  ["王", [0, 4, 1]],
  [" 王波 ", [0]],
  ["bob", [2, 3]],
  ["小", [1, 4]],
  ["nobody", []],
])("%j finds rows %j", (text, rows) => {
  expect(rowsNamed(ROWS, text)).toEqual(rows);
});
