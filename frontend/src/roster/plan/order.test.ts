import { expect, test } from "vitest";
import { byCrew, byName, moved } from "./order";

test.each([
  [0, 2, "bca"],
  [2, 0, "cab"],
  [1, 99, "acb"],
  [1, -1, "bac"],
  [7, 0, "abc"],
])("from %i to %i", (from, to, after) => {
  expect(moved([..."abc"], from, to).join("")).toBe(after);
});

const people = [
  { id: 1, display_name: "王波" },
  { id: 2, display_name: "安" },
  { id: 3, display_name: "李四" },
  { id: 4, display_name: "安" },
];

test("by name, Chinese ones by their sound", () => {
  expect(byName(people).map(({ id }) => id)).toEqual([2, 4, 3, 1]);
});

test("by crew, the others last", () => {
  expect(byCrew(people, { 1: 1, 3: 0, 4: 1 }).map(({ id }) => id)).toEqual([3, 1, 4, 2]);
});
