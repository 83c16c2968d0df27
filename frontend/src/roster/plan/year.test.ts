import { expect, it } from "vitest";
import { type CalendarYear, dateBeside, datesOfYear, holidaysOf, makeUpDaysOf } from "./year";

const YEAR: CalendarYear = {
  year: 2026,
  provisional: false,
  days: Object.fromEntries(
    datesOfYear(2026).map((date) => [date, { kind: "workday", name: "", source: "built_in" }]),
  ),
};
const set = (date: string, kind: "holiday" | "makeup_workday", name: string) => {
  YEAR.days[date] = { kind, name, source: "built_in" };
};
for (const day of ["01", "02", "03"]) set(`2026-01-${day}`, "holiday", "元旦");
set("2026-01-04", "makeup_workday", "元旦");
set("2026-09-30", "holiday", "中秋");
set("2026-10-01", "holiday", "国庆");

it("a year has all its days", () => {
  expect(datesOfYear(2026)).toHaveLength(365);
  expect(datesOfYear(2028)).toHaveLength(366);
  expect(datesOfYear(2028).at(-1)).toBe("2028-12-31");
});

it("days off in a row under one name are one holiday; another name begins another", () => {
  expect(holidaysOf(YEAR)).toEqual([
    { name: "元旦", from: "2026-01-01", to: "2026-01-03", days: 3 },
    { name: "中秋", from: "2026-09-30", to: "2026-09-30", days: 1 },
    { name: "国庆", from: "2026-10-01", to: "2026-10-01", days: 1 },
  ]);
  expect(makeUpDaysOf(YEAR)).toEqual(["2026-01-04"]);
});

it.each([
  ["2026-01-01", "ArrowRight", "2026-01-02"],
  ["2026-01-01", "ArrowLeft", "2026-01-01"],
  ["2026-01-29", "ArrowDown", "2026-02-05"],
  ["2026-01-01", "a", null],
])("from %s, %s leads to %s", (date, key, next) => {
  expect(dateBeside(date, key, 2026)).toBe(next);
});
