import { expect, test } from "vitest";
import { crewOffset, crewsOf, divided, toCrews } from "./crews";

test("sixty people are four crews of fifteen, in the order of the list", () => {
  const ids = Array.from({ length: 60 }, (_, index) => index + 1);
  const crewOf = divided(ids, 4, {});
  expect(toCrews(crewOf, 4, ids).map((crew) => [crew.name, crew.user_ids.length, crew.user_ids[0]])).toEqual([
    ["甲", 15, 1],
    ["乙", 15, 16],
    ["丙", 15, 31],
    ["丁", 15, 46],
  ]);
});

test("whoever has a crew stays in it, and whoever is new gets one", () => {
  const kept = crewsOf([
    { name: "甲", user_ids: [3] },
    { name: "乙", user_ids: [1] },
  ]);
  expect(divided([1, 2, 3], 2, kept)).toEqual({ 1: 1, 2: 0, 3: 0 });
  expect(divided([1, 2, 3], 3, kept)).toEqual({ 1: 0, 2: 1, 3: 2 }); // another number is another division
  expect(divided([1, 2], 0, kept)).toEqual({});
  expect(divided([2], 2, kept)).toEqual({ 1: 1, 2: 0, 3: 0 }); // who is not filled this time stays in their crew
});

test("a crew is kept of those who are there", () => {
  expect(toCrews({ 1: 1, 2: 0, 3: 0 }, 2, [1, 2])).toEqual([
    { name: "甲", user_ids: [2] },
    { name: "乙", user_ids: [1] },
  ]);
});

test.each([
  [4, 8, [0, 2, 4, 6]], // 四班三倒
  [4, 4, [0, 1, 2, 3]],
  [3, 6, [0, 2, 4]],
  [2, 4, [0, 2]], // 上二休二
  [2, 7, [0, 4]],
  [4, 0, [0, 0, 0, 0]],
])("%i crews in a cycle of %i days", (count, length, offsets) => {
  expect(offsets.map((_, crew) => crewOffset(crew, count, length))).toEqual(offsets);
});
