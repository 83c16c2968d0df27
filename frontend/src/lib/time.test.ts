import { beforeEach, describe, expect, test } from "vitest";
import { setLanguage } from "../i18n";
import {
  dateOf,
  formatDate,
  formatDateRange,
  formatDateTime,
  formatDelay,
  formatDuration,
  formatRelativeDay,
  formatTime,
  minuteOfDay,
  setZone,
  startOfDay,
} from "./time";

beforeEach(async () => {
  setZone("Asia/Shanghai");
  await setLanguage("zh");
});

describe("a moment is said as people say it", () => {
  const now = "2026-11-24T01:00:00Z"; // Tuesday 09:00 in Shanghai

  test.each([
    ["2026-11-24T00:45:00Z", "今天 08:45"],
    ["2026-11-24T16:30:00Z", "明天 00:30"],
    ["2026-11-23T15:59:00Z", "昨天 23:59"],
    ["2026-11-27T00:45:00Z", "周五 08:45"],
    ["2026-12-08T00:45:00Z", "12月8日 08:45"],
    ["2027-01-01T00:00:00Z", "2027年1月1日 08:00"],
  ])("%s is %s", (instant, words) => {
    expect(formatDateTime(instant, now)).toBe(words);
  });

  test("and in English", async () => {
    await setLanguage("en");
    expect(formatDateTime("2026-11-24T00:45:00Z", now)).toBe("Today 08:45");
    expect(formatDateTime("2026-11-27T00:45:00Z", now)).toBe("Fri 08:45");
    expect(formatDate("2026-11-24")).toBe("Tue 24 Nov");
  });
});

test("the zone is the team's, and midnight is 00:00, never 24:00", () => {
  expect(formatTime("2026-11-24T16:00:00Z")).toBe("00:00");
  expect(dateOf("2026-11-24T16:00:00Z")).toBe("2026-11-25");
  expect(minuteOfDay("2026-11-24T00:45:00Z")).toBe(525);
  setZone("Europe/Berlin");
  expect(formatTime("2026-11-24T16:00:00Z")).toBe("17:00");
  expect(dateOf("2026-11-24T16:00:00Z")).toBe("2026-11-24");
});

test("a week away is a date again, so that 周二 never means two days", () => {
  expect(formatRelativeDay("2026-11-30", "2026-11-24")).toBe("周一");
  expect(formatRelativeDay("2026-12-01", "2026-11-24")).toBe("12月1日");
});

test.each([
  [15, "15 分钟", "15 minutes"],
  [1, "1 分钟", "1 minute"],
  [60, "1 小时", "1 hour"],
  [80, "1 小时 20 分钟", "1 hour 20 minutes"],
  [-3, "0 分钟", "0 minutes"],
])("%i minutes", async (minutes, chinese, english) => {
  expect(formatDuration(minutes)).toBe(chinese);
  await setLanguage("en");
  expect(formatDuration(minutes)).toBe(english);
});

test.each([
  ["2026-11-24T00:45:00.000Z", "2026-11-24T00:45:00.240Z", "+0.2 秒"],
  ["2026-11-24T00:45:00Z", "2026-11-24T00:45:42Z", "+42 秒"],
  ["2026-11-24T00:45:00Z", "2026-11-24T00:48:00Z", "+3 分钟"],
])("lateness from %s to %s", (due, sent, words) => {
  expect(formatDelay(due, sent)).toBe(words);
});

test("a week is one short span, and names both months when it must", async () => {
  expect(formatDateRange("2026-11-23", "2026-11-29")).toBe("11月23–29日");
  expect(formatDateRange("2026-11-30", "2026-12-06")).toBe("11月30日 – 12月6日");
  expect(formatDateRange("2026-11-26", "2026-11-26")).toBe("11月26日");
  await setLanguage("en");
  expect(formatDateRange("2026-11-23", "2026-11-29")).toBe("23–29 Nov");
});

test.each([
  ["Asia/Shanghai", "2026-11-24", "2026-11-23T16:00:00.000Z"],
  ["America/New_York", "2026-11-24", "2026-11-24T05:00:00.000Z"],
  ["Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15:00.000Z"],
  ["Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00.000Z"],
  ["Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00.000Z"],
])("a day begins in %s on %s", (zone, date, instant) => {
  setZone(zone);
  expect(startOfDay(date)).toBe(instant);
});
