import { expect, test } from "vitest";
import { addDays, addMonths, datesOfMonth, daysBetween, mondayOf, weekdayOf, weeksOfMonth } from "./dates";

test("days are counted over month and year ends and leap days", () => {
  expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
  expect(addDays("2028-02-28", 1)).toBe("2028-02-29");
  expect(daysBetween("2026-11-24", "2027-11-24")).toBe(365);
});

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
