import { describe, expect, test } from "vitest";
import {
  type Block,
  boundsOf,
  cellsOf,
  clamped,
  enclosing,
  extendBlock,
  fillRanges,
  fillTarget,
  placeBlock,
  type Rect,
  rectOf,
  selectionOf,
} from "./selection";

const rect = (top: number, left: number, bottom: number, right: number): Rect => ({
  top,
  left,
  bottom,
  right,
});
const at = (row: number, column: number) => ({ row, column });

test("a selection may be drawn from any corner", () => {
  for (const [anchor, head] of [
    [at(1, 4), at(3, 2)],
    [at(3, 2), at(1, 4)],
    [at(1, 2), at(3, 4)],
  ] as const)
    expect(rectOf({ anchor, head })).toEqual(rect(1, 2, 3, 4));
});

test("its cells come line by line", () => {
  expect(cellsOf(rect(0, 1, 1, 2))).toEqual([at(0, 1), at(0, 2), at(1, 1), at(1, 2)]);
});

test("in a smaller roster a selection keeps the part that is left", () => {
  expect(clamped({ anchor: at(2, 30), head: at(8, 31) }, 5, 31)).toEqual({
    anchor: at(2, 30),
    head: at(4, 30),
  });
});

test("a rectangle grows to enclose cells", () => {
  expect(enclosing(rect(1, 1, 2, 2), at(4, 0))).toEqual(rect(1, 0, 4, 2));
  expect(enclosing(rect(1, 1, 2, 2), at(2, 1))).toEqual(rect(1, 1, 2, 2));
  expect(boundsOf([at(3, 1), at(0, 4), at(2, 2)])).toEqual(rect(0, 1, 3, 4));
});

test("a rectangle is selected from its start or from its end", () => {
  const block = rect(1, 2, 3, 4);
  expect(selectionOf(block)).toEqual({ anchor: at(1, 2), head: at(3, 4) });
  expect(selectionOf(block, { from: "end" })).toEqual({ anchor: at(3, 4), head: at(1, 2) });
});

describe("a pasted block", () => {
  const block: Block = [
    [1, null],
    [undefined, 2],
  ];
  const shown = (selection: Rect, rows = 6, columns = 6) => {
    const { written, covered, cut } = placeBlock(block, selection, rows, columns);
    const lines = Array.from({ length: rows }, () => Array<string>(columns).fill("."));
    for (const { cell, shiftId } of written) {
      const line = lines[cell.row];
      if (line) line[cell.column] = shiftId === null ? "x" : String(shiftId);
    }
    return { lines: lines.map((line) => line.join("")), covered, cut };
  };

  test("starts at a single cell", () => {
    expect(shown(rect(1, 1, 1, 1))).toEqual({
      lines: ["......", ".1x...", "..2...", "......", "......", "......"],
      covered: rect(1, 1, 2, 2),
      cut: 0,
    });
  });

  test("repeats in a selection that is a multiple of it", () => {
    expect(shown(rect(0, 0, 3, 3)).lines).toEqual([
      "1x1x..",
      ".2.2..",
      "1x1x..",
      ".2.2..",
      "......",
      "......",
    ]);
  });

  test("is written once where the selection is no multiple", () => {
    expect(shown(rect(0, 0, 2, 3)).lines.slice(0, 3)).toEqual(["1x....", ".2....", "......"]);
  });

  test("reports what falls outside the roster", () => {
    expect(shown(rect(5, 5, 5, 5))).toMatchObject({ covered: rect(5, 5, 5, 5), cut: 3 });
  });
});

test("one cell fills the whole selection", () => {
  expect(placeBlock([[3]], rect(0, 0, 1, 1), 2, 2).written).toHaveLength(4);
});

test.each([
  ["down", rect(1, 1, 3, 2), rect(1, 1, 1, 2), rect(2, 1, 3, 2)],
  ["right", rect(1, 1, 3, 2), rect(1, 1, 3, 1), rect(1, 2, 3, 2)],
  ["down", rect(2, 1, 2, 3), rect(1, 1, 1, 3), rect(2, 1, 2, 3)],
  ["right", rect(1, 3, 2, 3), rect(1, 2, 2, 2), rect(1, 3, 2, 3)],
] as const)("fill %s over %o", (direction, selection, from, to) => {
  expect(fillRanges(selection, direction)).toEqual({ from, to });
});

test("nothing can be filled down into the first row", () => {
  expect(fillRanges(rect(0, 1, 0, 3), "down")).toBeNull();
});

describe("dragging the handle", () => {
  test.each([
    [at(5, 2), rect(3, 1, 5, 2)],
    [at(0, 2), rect(0, 1, 0, 2)],
    [at(2, 6), rect(1, 3, 2, 6)],
    [at(1, 0), rect(1, 0, 2, 0)],
    [at(5, 4), rect(3, 1, 5, 2)],
    [at(2, 2), null],
  ])("to %o grows over %o", (to, grown) => {
    expect(fillTarget(rect(1, 1, 2, 2), to)).toEqual(grown);
  });

  test("continues the pattern, forwards and backwards", () => {
    const from = rect(0, 2, 0, 4);
    expect(extendBlock([[1, 2, 3]], from, rect(0, 5, 0, 9))).toEqual([[1, 2, 3, 1, 2]]);
    expect(extendBlock([[1, 2, 3]], from, rect(0, 0, 0, 1))).toEqual([[2, 3]]);
  });
});
