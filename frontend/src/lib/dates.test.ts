import { expect, test } from "vitest";
import {
  addDays,
  addMonths,
  dateIn,
  datesOfMonth,
  daysBetween,
  mondayOf,
  weekdayOf,
  weeksOfMonth,
} from "./dates";

test("days are counted over month and year ends and leap days", () => {
  expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
  expect(addDays("2028-02-28", 1)).toBe("2028-02-29");
  expect(daysBetween("2026-11-24", "2027-11-24")).toBe(365);
});

test.each([
  ["2026-11-24", "2026-11-24"],
  ["2028-02-29", "2028-02-29"],
  ["2026-02-30", undefined],
  ["2026-13-01", undefined],
  ["2026-11", undefined],
  ["2026-11-24T08:00", undefined],
  ["0001-01-01", undefined],
  ["foo", undefined],
  ["", undefined],
  [null, undefined],
])("an address says %j: %j", (text, date) => expect(dateIn(text)).toBe(date));

test("a week starts on Monday", () => {
  expect(weekdayOf("2026-11-24")).toBe(1);
  expect(mondayOf("2026-11-29")).toBe("2026-11-23");
});

test("a month knows its days, its weeks and its neighbours", () => {
  expect(datesOfMonth("2026-02")).toHaveLength(28);
  expect(addMonths("2026-11", 2)).toBe("2027-01");
  const weeks = weeksOfMonth("2026-11");
  expect(weeks[0]?.[0]).toBe("2026-10-26");
  expect(weeks.at(-1)?.at(-1)).toBe("2026-12-06");
});
