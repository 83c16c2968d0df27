import { beforeEach, expect, test } from "vitest";
import { cacheAnswer } from "../api/offlineCache";
import type { MonthAnswer } from "../calendar/month";
import { setZone } from "../lib/time";
import type { Shift } from "../shifts/useShifts";
import type { MyDay } from "./Mine";
import { myDayWithoutServer } from "./offlineDay";

const NOW = Date.parse("2026-11-24T01:00:00Z"); // Tuesday 09:00 in Shanghai
const EARLY = { id: 4, name: "早班", is_rest: false } as Shift;
const kept = (values: Partial<MyDay>): MyDay => ({
  work_date: "2026-11-23",
  day: { kind: "workday", name: "" },
  shift: null,
  periods: [],
  reminders: [],
  next_punch: null,
  next_shift: null,
  unread_messages: 0,
  ...values,
});
const november: MonthAnswer = {
  dates: ["2026-11-24", "2026-11-25", "2026-11-26"],
  days: {},
  users: [{ id: 1, display_name: "Bob", team_id: 1, shift_ids: [4, null, 4] }],
  marks: [],
  revision: 1,
  provisional_years: [],
};

beforeEach(() => {
  localStorage.clear();
  setZone("Asia/Shanghai");
});

test("what was told of today, and a night that is not over, is shown as it was told", () => {
  const today = kept({ work_date: "2026-11-24" });
  expect(myDayWithoutServer(today, NOW)).toBe(today);
  const night = kept({ periods: [{ start_at: "2026-11-23T14:00:00Z", end_at: "2026-11-24T02:00:00Z" }] });
  expect(myDayWithoutServer(night, NOW)).toBe(night);
});

test("yesterday's answer is not today's: the calendar says it, or nothing does", () => {
  expect(myDayWithoutServer(kept({ shift: EARLY }), NOW)).toBeNull();
  cacheAnswer("month 2026-11", november);
  cacheAnswer("shifts", [EARLY]);
  const found = myDayWithoutServer(kept({}), NOW);
  expect([found?.work_date, found?.shift?.id, found?.next_shift?.work_date]).toEqual([
    "2026-11-24",
    4,
    "2026-11-26",
  ]);
});
