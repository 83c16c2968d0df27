import { beforeEach, expect, test } from "vitest";
import { setLanguage } from "../i18n";
import { endsNextDay, formatPeriods, isNight } from "./periods";

beforeEach(() => setLanguage("zh"));

test.each([
  ["08:30", "17:30", false],
  ["22:00", "06:00", true],
  ["00:00", "00:00", true],
  ["16:00", "00:00", true],
])("%s to %s ends on the next day: %s", (start, end, isNext) => {
  expect(endsNextDay({ start, end })).toBe(isNext);
});

test("periods are said with the next day where it is", async () => {
  const split = [
    { start: "08:00", end: "12:00" },
    { start: "22:00", end: "02:00" },
  ];
  expect(formatPeriods(split)).toBe("08:00–12:00，22:00–次日 02:00");
  await setLanguage("en");
  expect(formatPeriods(split)).toBe("08:00–12:00, 22:00–02:00 next day");
});

test("a night is what works past midnight, also between two periods", () => {
  expect(isNight([{ start: "08:00", end: "17:00" }])).toBe(false);
  expect(
    isNight([
      { start: "20:00", end: "23:00" },
      { start: "01:00", end: "05:00" },
    ]),
  ).toBe(true);
});
