import { beforeEach, expect, test } from "vitest";
import { setLanguage } from "../i18n";
import { rowProblemText, tableOf } from "./rows";

beforeEach(() => setLanguage("zh"));

test("a row's problem names its column and what is wrong", () => {
  expect(rowProblemText({ field: "team", code: "unknown_team", msg: "There is no team X" })).toBe(
    "班组：没有这个班组，或不归你排班",
  );
  expect(rowProblemText({ field: "mobile", code: "string_pattern_mismatch", msg: "…" })).toBe(
    "手机号：格式不正确",
  );
  expect(rowProblemText({ field: "shoe", code: "too_big", msg: "is too big" })).toBe("shoe：is too big");
});

test("a table keeps commas and quotes, and no spreadsheet runs its cells", () => {
  expect(
    tableOf(
      ["a", "b"],
      [
        ['say "hi"', "1,2"],
        ["=1+1", "-2"],
      ],
    ),
  ).toBe('\ufeffa,b\r\n"say ""hi""","1,2"\r\n\'=1+1,\'-2\r\n');
});
