import { describe, expect, test } from "vitest";
import { namedTable, type PasteShape, tableOf } from "./pasteShape";

const NAMES = ["周敏", "李爱丽", "王波", "李雷", "李雷"];
const people = NAMES.map((name, index) => ({ id: index + 1, name }));
const context = (shifts: string) => ({
  isPerson: (word: string) => NAMES.includes(word.trim()),
  isShift: (word: string) => shifts.includes(word.trim()),
});
const table = (text: string) => text.split("\n").map((line) => line.split("|"));

test.each<[string, string, PasteShape]>([
  ["shifts only", "早|夜\n休|早", { names: null, header: null }],
  ["one shift", "早", { names: null, header: null }],
  ["names and days", "姓名|1|2\n周敏|早|夜", { names: 0, header: 0 }],
  ["names and days without a heading", "|1|2\n周敏|早|夜\n李爱丽|早|早", { names: 0, header: 0 }],
  ["names and dates", "姓名|2026-12-01|2026-12-02\n周敏|早|夜", { names: 0, header: 0 }],
  ["dates in Chinese", "|12月1日|12月2日\n周敏|早|夜", { names: 0, header: 0 }],
  ["days with weekdays", "|1日(二)|2日(三)\n周敏|早|夜", { names: 0, header: 0 }],
  ["a title above", "十二月排班表||\n姓名|1|2\n周敏|早|夜", { names: 0, header: 1 }],
  ["numbers before the names", "序号|姓名|1|2\n9|周敏|早|夜", { names: 1, header: 0 }],
  ["names alone", "周敏|早|夜\n王波|夜|夜", { names: 0, header: null }],
  ["one row with its name", "王波|夜|夜", { names: 0, header: null }],
  ["names of whom half are known", "周敏|早\n小新|早", { names: 0, header: null }],
  ["names of whom most are not known", "小新|早\n小旧|早\n周敏|早", { names: 0, header: null }],
  ["names nobody of whom is known", "小新|早|夜\n小旧|夜|早", { names: 0, header: null }],
  ["names across nobody of whom is known", "小新|小旧\n早|夜\n夜|早", { names: null, header: 0 }],
  ["weekdays alone", "一|二|三\n早|夜|休", { names: null, header: 0 }],
  ["one word that is no shift", "加班|早\n加班|夜", { names: null, header: null }],
  ["words that are no shifts among others", "早|老板\n夜|加班", { names: null, header: null }],
  ["words alone", "小新|小旧\n小李|小王", { names: null, header: null }],
  ["days alone", "5|6|7\n早|夜|休", { names: null, header: 0 }],
  ["over the end of a month", "|30|31|1\n周敏|早|夜|休", { names: 0, header: 0 }],
  ["numbers that do not go on", "3|7\n早|夜", { names: null, header: 0 }],
  ["times are no dates", "8:00-16:00|9:00-17:00\n早|夜", { names: null, header: 0 }],
])("%s", (_, text, shape) => {
  const isNamed = shape.names !== null || shape.header !== null;
  expect(tableOf(table(text), context("早夜休"))?.shape ?? null).toEqual(isNamed ? shape : null);
});

test.each([
  ["dates down, names across", "日期|王波|周敏\n12/1|早|夜\n12/2|夜|早"],
  ["days down, names across", "|王波|周敏\n1|早|夜\n2|夜|早"],
  ["weekdays beside the days", "|王波|周敏\n12月1日(二)|早|夜\n12月2日(三)|夜|早"],
])("a table with %s is turned", (_, text) => {
  const found = tableOf(table(text), context("早夜休"));
  expect(found?.shape).toEqual({ names: 0, header: 0 });
  expect(found?.lines.map((line) => line[0]).slice(1)).toEqual(["王波", "周敏"]);
});

test("shifts called 1, 2 and 3 are shifts", () => {
  expect(tableOf(table("1|2|3\n2|3|1"), context("123"))).toBeNull();
});

describe("what the server is asked to read", () => {
  const target = { people, dates: ["2026-12-01", "2026-12-02", "2026-12-03"], row: 1, column: 1 };
  test("names without dates begin at the active day", () => {
    expect(namedTable(table("周敏|早|夜\n小新|早|休"), { names: 0, header: null }, target)).toEqual({
      lines: [
        ["姓名", "2026-12-02", "2026-12-03"],
        ["周敏", "早", "夜"],
        ["小新", "早", "休"],
      ],
      people: { 周敏: 1 },
      needsMonth: false,
    });
  });

  test("dates without names begin at the active person; two of one name are told apart", () => {
    const shape = { names: null, header: 0 };
    expect(namedTable(table("1|2\n早|夜\n休|早"), shape, { ...target, row: 3 })).toEqual({
      lines: [
        ["姓名", "1", "2"],
        ["@4", "早", "夜"],
        ["@5", "休", "早"],
      ],
      people: { "@4": 4, "@5": 5 },
      needsMonth: true,
    });
  });

  test("a name that two people have is nobody's; the server asks", () => {
    const text = "姓名|2026-12-01|2026-12-02\n李雷|早|夜\n王波|早|夜";
    const found = namedTable(table(text), { names: 0, header: 0 }, target);
    expect(found.people).toEqual({ 王波: 3 });
    expect(found.needsMonth).toBe(false);
  });
});
