import { expect, test } from "vitest";
import { codesOf, NOTHING_TYPED, readCode, settledShift, type TypingEffect, typeText } from "./typing";

const shifts = [
  { id: 1, code: "D", name: "白班" },
  { id: 2, code: "D3", name: "三号岗" },
  { id: 3, code: "夜", name: "夜班" },
  { id: 4, code: "WE1", name: "周末" },
  { id: 5, code: "WE12", name: "周末长班" },
  { id: 6, code: "BX", name: "备班" },
  { id: 7, code: "休", name: "轮休", is_rest: true },
];
/** Words of the shop's own sheet: 甲1 is D3; what is a shift's code stays its code; a shift that is gone means nothing. */
const codes = codesOf(
  shifts,
  new Map([
    ["甲1", 2],
    ["D", 6],
    ["旧", 99],
  ]),
);

/** Letter by letter: what happens to the cell; and what Enter or the next cell then writes (undefined: nothing waits). */
test.each<[string, string[], TypingEffect[], number | null | undefined]>([
  ["D waits, as D3 may follow", ["d"], [null], 1],
  ["the longest code wins", ["D", "3"], [null, 2], undefined],
  ["at any width", ["Ｄ", "３"], [null, 2], undefined],
  ["a code of four letters", ["w", "e", "1", "2"], [null, null, null, 5], undefined],
  ["and the shorter one beside it", ["w", "e", "1"], [null, null, null], 4],
  ["never a position inside a code", ["w", "e"], [null, null], null],
  ["the only code that begins so", ["b"], [null], 6],
  ["a code that nothing follows", ["b", "x"], [null, 6], undefined],
  ["a part that was taken for the whole is given back", ["b", "x", "2"], [null, 6, "restore"], null],
  ["a code that does not exist", ["d", "4"], [null, null], null],
  ["a position", ["3"], [3], undefined],
  ["two digits are no two positions", ["3", "2"], [3, "restore"], null],
  ["no such position", ["9"], [null], null],
  ["an input method writes a code", ["夜"], [3], undefined],
  ["or a name", ["夜班"], [3], undefined],
  ["or a word for rest", ["OFF"], [7], undefined],
  ["a code and a digit behind it", ["甲", "1"], [null, 2], undefined],
  ["a word of a shift that is gone", ["旧"], [null], null],
])("%s", (_, letters, effects, settled) => {
  let typed = NOTHING_TYPED;
  const seen = letters.map((letter, index) => {
    const next = typeText(codes, typed, letter, index * 200);
    typed = next.typed;
    return next.effect;
  });
  expect(seen).toEqual(effects);
  expect(typed.written ? undefined : settledShift(codes, typed)).toBe(settled);
});

test.each<[string, number, TypingEffect, string]>([
  ["a letter soon after a code that is in the cell goes on with it", 200, "restore", "bx3"],
  ["a letter after a pause begins a new code", 1_000, 3, "3"],
])("%s", (_, pause, effect, text) => {
  const { typed } = typeText(codes, { ...NOTHING_TYPED, text: "b", at: 5_000 }, "x", 9_000);
  expect(typeText(codes, typed, "3", 9_000 + pause)).toMatchObject({ effect, typed: { text } });
});

test("what may follow is known while typing", () => {
  expect(readCode(codes, "we")).toEqual({ exact: null, longer: ["we1", "we12"] });
  expect(readCode(codes, "D")).toEqual({ exact: 1, longer: ["d3"] });
});
