import { beforeAll, expect, test } from "vitest";
import { setZone } from "../lib/time";
import { byDay, describeRosterStep, instantOf, type PreviewMessage } from "./story";

beforeAll(() => setZone("Asia/Shanghai"));

function message(at: string, person: number, more: Partial<PreviewMessage> = {}): PreviewMessage {
  const people = [
    { user_id: person, display_name: `P${person}`, work_date: "2026-11-23", shift_name: "", point_at: "" },
  ];
  return {
    at,
    occasion: "reminder",
    kind: "clock_in",
    channel_id: 9,
    channel_name: "",
    channel_kind: "dingtalk_robot",
    labels: {},
    owner: null,
    people,
    ...more,
  };
}

const whom = (day: ReturnType<typeof byDay>[number] | undefined) =>
  day?.rows.map((row) => [row.times.length, row.count, row.people.map((person) => person.user_id)]);

test("messages are grouped by the day where the work is; steps that repeat one are further times", () => {
  const days = byDay([
    message("2026-11-23T15:45:00Z", 1),
    message("2026-11-23T15:50:00Z", 1),
    message("2026-11-23T16:00:00Z", 1),
  ]);
  expect(days.map((day) => day.date)).toEqual(["2026-11-23", "2026-11-24"]);
  expect(days.map(whom)).toEqual([[[2, 1, [1]]], [[1, 1, [1]]]]);
});

test("people who are told on channels of their own are one row, and so is a group that is split", () => {
  const own = (person: number) => ({ channel_id: person, channel_kind: "bark", owner: `P${person}` });
  const [day] = byDay([
    message("2026-11-23T00:45:00Z", 1, own(1)),
    message("2026-11-23T00:45:00Z", 2, own(2)),
    message("2026-11-23T00:45:00Z", 3),
    message("2026-11-23T00:45:00Z", 4),
    message("2026-11-23T00:50:00Z", 5),
  ]);
  expect(whom(day)).toEqual([
    [1, 2, [1, 2]],
    [1, 2, [3, 4]],
    [1, 1, [5]],
  ]);
});

test("what planners are told on channels of their own stays apart", () => {
  const to = (planner: number) => ({
    occasion: "escalation" as const,
    channel_id: planner,
    owner: `P${planner}`,
  });
  const [day] = byDay([message("2026-11-23T00:45:00Z", 1, to(7)), message("2026-11-23T00:45:00Z", 1, to(8))]);
  expect(whom(day)).toEqual([
    [1, 1, [1]],
    [1, 1, [1]],
  ]);
});

test("a date and time is read in the zone of the work, also beside a clock change", () => {
  expect(instantOf("2026-12-01T08:50", "Asia/Shanghai")).toBe("2026-12-01T00:50:00.000Z");
  expect(instantOf("2027-03-28T03:30", "Europe/Berlin")).toBe("2027-03-28T01:30:00.000Z");
  expect(instantOf("2027-03-28T01:30", "Europe/Berlin")).toBe("2027-03-28T00:30:00.000Z");
  expect(instantOf("nonsense", "Asia/Shanghai")).toBe(null);
});

test("a roster step says who did what", () => {
  const step = { at: "", changed_by: "李爱丽", before: null, after: "早班" };
  expect(describeRosterStep(step)).toContain("早班");
  expect(describeRosterStep({ ...step, before: "早班", after: null })).not.toBe(describeRosterStep(step));
});
