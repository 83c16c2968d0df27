import { describe, expect, test } from "vitest";
import { matchCode, matchText, typeLetter } from "./typing";

const shifts = [
  { id: 1, code: "A", name: "早班" },
  { id: 2, code: "A1", name: "早班一" },
  { id: 3, code: "夜", name: "夜班" },
  { id: 4, code: "BX", name: "备班" },
];

describe("typing a code", () => {
  test.each([
    ["夜", 3, true],
    ["a", 1, false],
    ["a1", 2, true],
    ["b", 4, true],
    ["z", null, true],
    ["3", 3, true],
    ["9", null, true],
  ])("%s", (typed, id, isFinal) => {
    const found = matchCode(shifts, typed);
    expect(found.shift?.id ?? null).toBe(id);
    expect(found.isFinal).toBe(isFinal);
  });
});

test.each([
  ["", "a", { id: 1, continues: false, pending: "a" }],
  ["a", "1", { id: 2, continues: true, pending: "" }],
  ["a", "b", { id: 4, continues: false, pending: "" }],
  ["a", "z", { id: null, continues: false, pending: "" }],
  ["", "3", { id: 3, continues: false, pending: "" }],
])("after “%s” the letter “%s”", (pending, letter, { id, ...rest }) => {
  const { shift, ...found } = typeLetter(shifts, pending, letter);
  expect([shift?.id ?? null, found]).toEqual([id, rest]);
});

test.each([
  ["夜", 3],
  ["夜班", 3],
  ["ａ１", 2],
  [" 早 班 ", 1],
  ["bx", 4],
  ["b", 4],
  ["无", null],
])("an input method writes “%s”", (text, id) => {
  expect(matchText(shifts, text)?.id ?? null).toBe(id);
});
