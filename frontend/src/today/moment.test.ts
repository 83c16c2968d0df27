import { beforeEach, describe, expect, test } from "vitest";
import { setLanguage } from "../i18n";
import { setZone } from "../lib/time";
import { canAct, dayLineOf, momentOf, type Reminder } from "./moment";

/** A punch point of Bob's early shift, 09:00–18:00 on Tuesday 24 November in Shanghai. */
function reminder(
  kind: "clock_in" | "clock_out",
  status: Reminder["status"],
  more: Partial<Reminder> = {},
): Reminder {
  const isIn = kind === "clock_in";
  return {
    id: isIn ? 1 : 2,
    user_id: 2,
    display_name: "Bob",
    team_id: 1,
    work_date: "2026-11-24",
    period: 0,
    kind,
    shift_id: 1,
    shift_name: "早班",
    shift_code: "早",
    point_at: isIn ? "2026-11-24T01:00:00Z" : "2026-11-24T10:00:00Z",
    opens_at: isIn ? "2026-11-24T00:45:00Z" : "2026-11-24T10:00:00Z",
    closes_at: isIn ? "2026-11-24T01:10:00Z" : "2026-11-24T10:30:00Z",
    ends_at: isIn ? "2026-11-24T01:11:00Z" : "2026-11-24T10:31:00Z",
    next_due_at: null,
    snoozed_until: null,
    steps_sent: 0,
    status,
    ended_at: null,
    ended_by: "",
    can_undo_until: null,
    ...more,
  };
}

const early = { name: "早班", is_rest: false };
const at = (clock: string) => Date.parse(`2026-11-24T${clock}:00+08:00`);
const both = (first: Reminder["status"], second: Reminder["status"] = "scheduled") => [
  reminder("clock_in", first),
  reminder("clock_out", second),
];

beforeEach(async () => {
  setZone("Asia/Shanghai");
  await setLanguage("zh");
});

describe("one sentence for this minute", () => {
  test.each([
    ["06:00", both("scheduled"), "今天 09:00 上班打卡", "calm"],
    ["08:30", both("scheduled"), "还有 30 分钟上班打卡", "calm"],
    ["08:45", both("nagging"), "还有 15 分钟上班打卡", "now"],
    ["09:00", both("nagging"), "现在上班打卡", "now"],
    ["09:04", both("nagging"), "上班打卡已过 4 分钟", "now"],
    // The last reminder goes out when the window closes: until it ends, the button is there.
    ["09:10", both("nagging"), "上班打卡已过 10 分钟", "now"],
    ["18:30", both("acknowledged", "nagging"), "下班打卡已过 30 分钟", "now"],
    // Missed, while the work goes on.
    ["09:11", both("expired"), "上班打卡已过 11 分钟", "now"],
    ["09:31", both("missed"), "上班打卡已过 31 分钟", "now"],
    ["12:00", both("failed"), "上班打卡已过 3 小时", "now"],
    ["18:00", both("expired", "nagging"), "现在下班打卡", "now"],
    ["18:40", both("expired", "acknowledged"), "上班打卡错过了", "now"],
    ["09:30", both("acknowledged"), "已打卡，18:00 下班打卡", "done"],
    ["18:10", both("punched", "nagging"), "下班打卡已过 10 分钟", "now"],
    ["18:40", both("punched", "acknowledged"), "今天的卡都打完了", "done"],
    ["18:40", both("punched", "expired"), "下班打卡错过了", "now"],
    ["18:40", both("skipped", "skipped"), "今天跳过，不再提醒", "quiet"],
  ] as const)("%s", (clock, reminders, sentence, tone) => {
    expect(momentOf(reminders, early, at(clock))).toMatchObject({ sentence, tone });
  });

  test("without a shift, or on a day of rest, there is nothing to do", () => {
    expect(momentOf([], null, at("09:00"))).toMatchObject({ sentence: "今天没有排班", act: null });
    expect(momentOf([], { name: "休", is_rest: true }, at("09:00")).sentence).toBe("今天休息");
  });

  test("a snooze says until when", () => {
    const snoozed = reminder("clock_in", "nagging", { snoozed_until: "2026-11-24T00:58:00Z" });
    expect(momentOf([snoozed], early, at("08:48")).sentence).toBe("08:58 再提醒");
  });
});

test("the button is for the next open punch, and undo for what was just said", () => {
  const said = reminder("clock_in", "acknowledged", { can_undo_until: "2026-11-24T00:57:00Z" });
  const out = reminder("clock_out", "scheduled");
  const soon = momentOf([said, out], early, at("08:53"));
  expect(soon.act?.id).toBe(out.id);
  expect(soon.undo?.id).toBe(said.id);
  expect(momentOf([said, out], early, at("08:58")).undo).toBeNull();
});

test("until clock-out the button records a clock-in that was missed", () => {
  const missed = reminder("clock_in", "expired");
  const out = reminder("clock_out", "scheduled");
  expect(momentOf([missed, out], early, at("09:30")).act?.id).toBe(missed.id);
  expect(momentOf([missed, out], early, at("18:01")).act?.id).toBe(out.id);
  expect(momentOf([missed, reminder("clock_out", "skipped")], early, at("18:01")).act).toBeNull();
});

test("nobody clocks out at nine in the morning", () => {
  expect(canAct(reminder("clock_out", "scheduled"), at("09:10"))).toBe(false);
  expect(canAct(reminder("clock_out", "scheduled"), at("17:00"))).toBe(true);
});

test("the day line reaches round the work and is read by round hours", () => {
  const line = dayLineOf(both("scheduled"), [
    { start_at: "2026-11-24T01:00:00Z", end_at: "2026-11-24T10:00:00Z" },
  ]);
  expect(line?.from).toBe(at("07:00"));
  expect(line?.to).toBe(at("20:00"));
  expect(line?.spans).toEqual([{ from: at("09:00"), to: at("18:00") }]);
  expect(line?.hours).toEqual([at("09:00"), at("12:00"), at("15:00"), at("18:00")]);
  expect(dayLineOf([], [])).toBeNull();
});
