import { beforeEach, expect, test } from "vitest";
import { setLanguage } from "../i18n";
import { choiceOf, describePolicy, describePunchPolicy, type Policy, type Presets } from "./policy";

const punch = (start: number, every: number | null, until: number, escalate: number | null = null) => ({
  start,
  every,
  until,
  escalate,
});
const NAG: Policy = { clock_in: punch(-15, 5, 10), clock_out: punch(0, 5, 30) };
const PRESETS: Presets = {
  once: { clock_in: punch(-10, null, 10), clock_out: punch(0, null, 30) },
  nag: NAG,
  nag_and_escalate: { clock_in: punch(-15, 5, 10, 5), clock_out: punch(0, 5, 30, 20) },
};

beforeEach(() => setLanguage("zh"));

test("the default, in plain words", async () => {
  expect(describePolicy(NAG)).toBe(
    "上班前 15 分钟开始，每 5 分钟提醒一次，直到打卡，最晚到上班后 10 分钟。下班时开始，每 5 分钟提醒一次，直到打卡，最晚到下班后 30 分钟。",
  );
  await setLanguage("en");
  expect(describePolicy(NAG)).toBe(
    "From 15 minutes before the start, every 5 minutes until clocked in, at the latest 10 minutes after the start. " +
      "From the end of work, every 5 minutes until clocked out, at the latest 30 minutes after the end.",
  );
});

test("once is once", () => {
  expect(describePunchPolicy("clock_in", PRESETS.once.clock_in)).toBe("上班前 10 分钟提醒一次。");
});

test("escalation names the moment and the people", () => {
  expect(describePunchPolicy("clock_out", PRESETS.nag_and_escalate.clock_out)).toContain(
    "下班后 20 分钟仍未打卡，上报给班组和排班员。",
  );
  expect(describePunchPolicy("clock_in", punch(-90, 10, 60, 0))).toBe(
    "上班前 1 小时 30 分钟开始，每 10 分钟提醒一次，直到打卡，最晚到上班后 1 小时。上班时仍未打卡，上报给班组和排班员。",
  );
});

test("a policy is recognised as the preset it equals, else as one's own", () => {
  expect(choiceOf(null, PRESETS)).toBe("default");
  expect(choiceOf(structuredClone(PRESETS.nag_and_escalate), PRESETS)).toBe("nag_and_escalate");
  expect(
    choiceOf({ clock_in: { start: -15, every: 5, until: 10 }, clock_out: NAG.clock_out } as Policy, PRESETS),
  ).toBe("nag");
  expect(choiceOf({ ...NAG, quiet_hours: { start: "23:00", end: "06:30" } } as Policy, PRESETS)).toBe("own");
  expect(choiceOf({ ...NAG, clock_in: punch(-16, 5, 10) }, PRESETS)).toBe("own");
});
