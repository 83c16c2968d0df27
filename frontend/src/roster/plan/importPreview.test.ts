import { expect, it } from "vitest";
import type { ImportProblem } from "./importing";
import { type DrawnMonth, importRows, pastedEdits } from "./importPreview";

const DRAWN: DrawnMonth = {
  dates: ["2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04", "2026-12-05"],
  rows: [
    { name: "李爱丽", user_id: 7, before: [1, null, 2, 1, null], after: [1, 2, 1, null, "大"] },
    {
      name: "新来的",
      user_id: null,
      before: [null, null, null, null, null],
      after: [1, null, null, null, null],
    },
  ],
  more_people: 0,
  more_days: 0,
};

const problem = (line: number | null, date: string | null, code: string): ImportProblem => ({
  sheet: "",
  row: 2,
  column: 3,
  code,
  value: "",
  detail: "",
  line,
  date,
});

it("a cell tells what was there, what would be, and what is wrong with it", () => {
  const [first, second] = importRows(DRAWN, [
    problem(0, "2026-12-05", "unknown_shift"),
    problem(0, null, "person_twice"),
    problem(1, "2027-03-01", "twice"),
    problem(null, null, "no_name"),
  ]);
  expect(first?.cells.map((cell) => cell.change)).toEqual(["none", "new", "moved", "cleared", "new"]);
  expect(first?.cells.map((cell) => cell.problems.map((each) => each.code))).toEqual([
    [],
    [],
    [],
    [],
    ["unknown_shift"],
  ]);
  expect(first?.problems.map((each) => each.code)).toEqual(["person_twice"]);
  expect([first?.isNew, second?.isNew]).toEqual([false, true]);
  expect(
    second?.problems.map((each) => each.code),
    "a day that is not drawn",
  ).toEqual(["twice"]);
});

it("a paste writes what is certain: no word, no problem, nobody who is not there", () => {
  expect(pastedEdits(DRAWN, importRows(DRAWN, [problem(0, "2026-12-03", "twice")]))).toEqual([
    { user_id: 7, date: "2026-12-02", before: null, after: 2 },
    { user_id: 7, date: "2026-12-04", before: 1, after: null },
  ]);
});
