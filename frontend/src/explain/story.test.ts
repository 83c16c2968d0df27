import { beforeAll, expect, test } from "vitest";
import { useZone } from "../lib/time";
import { byDay, instantOf, type PreviewMessage, sayRosterStep } from "./story";

beforeAll(() => useZone("Asia/Shanghai"));

const message = (at: string) => ({ at, people: [] }) as unknown as PreviewMessage;

test("messages are grouped by the day where the work is, and by minute", () => {
  const days = byDay([
    message("2026-11-23T15:45:00Z"),
    message("2026-11-23T15:45:00Z"),
    message("2026-11-23T16:00:00Z"),
  ]);
  expect(days.map((day) => [day.date, day.moments.map((moment) => moment.messages.length)])).toEqual([
    ["2026-11-23", [2]],
    ["2026-11-24", [1]],
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
  expect(sayRosterStep(step)).toContain("早班");
  expect(sayRosterStep({ ...step, before: "早班", after: null })).not.toBe(sayRosterStep(step));
});
