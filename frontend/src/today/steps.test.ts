import { expect, test } from "vitest";
import { stepsOf } from "./steps";

const NOTHING = { channels: [], people: 1, shifts: 0, isPlanned: false, isPhoneTried: null, sentOver: [] };
const channel = (
  status: "ok" | "untried" | "throttled" | "broken",
  kind = "dingtalk_robot",
  is_enabled = true,
) => ({
  kind,
  status,
  is_enabled,
});
const standings = (found: Partial<Parameters<typeof stepsOf>[0]>) =>
  Object.fromEntries(stepsOf({ ...NOTHING, ...found }, true).map((step) => [step.name, step.standing]));

test("an empty server has everything to do", () => {
  expect(Object.values(standings({}))).toEqual(Array(5).fill("to_do"));
});

test.each([
  ["only the inbox", [channel("ok", "inbox")], "to_do"],
  ["one that was saved without a test", [channel("untried")], "untried"],
  ["one that was seen to work", [channel("untried"), channel("ok")], "done"],
  ["one that works, but is throttled", [channel("throttled")], "done"],
  ["one that refuses", [channel("broken")], "broken"],
  ["one that is turned off", [channel("ok", "bark", false)], "to_do"],
])("the channel step with %s", (_, channels, standing) => {
  expect(standings({ channels }).channel).toBe(standing);
});

test("the steps stay until a reminder went out over a channel that is not the inbox", () => {
  expect(standings({ isPlanned: true, shifts: 1, people: 2, sentOver: ["inbox"] }).reminder).toBe("to_do");
  expect(stepsOf({ ...NOTHING, sentOver: ["inbox", "dingtalk_robot"] }, true)).toEqual([]);
});

test("planners see the steps until somebody is planned", () => {
  expect(stepsOf(NOTHING, false)).toHaveLength(5);
  expect(stepsOf({ ...NOTHING, isPlanned: true }, false)).toEqual([]);
});

test.each([
  [null, undefined],
  [false, "to_do"],
  [true, "done"],
])("the phone's step where it was tried: %s", (isPhoneTried, standing) => {
  expect(standings({ isPhoneTried }).phone).toBe(standing);
});
