import { expect, test } from "vitest";
import {
  initialPattern,
  OWN_PATTERN,
  offsetOf,
  type PatternChoice,
  type PatternState,
  patternReducer,
} from "./patternState";

const DAY_NIGHT: PatternChoice = {
  id: null,
  name: "白夜休休",
  people: 0,
  cycle: [1, 2, null, null],
  starts_on_monday: true,
  calendar: "follow",
};
const FOUR_CREWS: PatternChoice = { ...DAY_NIGHT, id: 7, name: "四班", people: 18, cycle: [3, 3, 1, 1] };
const NOVEMBER = "2026-11";
const begun = (): PatternState => initialPattern([], NOVEMBER, "2026-12-24");

test("it begins with the month in sight, from today on where today is in it", () => {
  expect(begun()).toMatchObject({ from: "2026-11-01", to: "2026-11-30", cycle: { slots: [], at: null } });
  expect(initialPattern([DAY_NIGHT], NOVEMBER, "2026-11-24")).toMatchObject({
    from: "2026-11-24",
    to: "2026-11-30",
    cycle: { slots: [1, 2, null, null], at: null },
    startsOnMonday: true,
    followsCalendar: true,
  });
});

test("a picked pattern brings its cycle and its rules", () => {
  const picked = patternReducer(begun(), { type: "pick", pattern: DAY_NIGHT });
  expect(picked).toMatchObject({
    picked: "白夜休休",
    cycle: { slots: [1, 2, null, null] },
    followsCalendar: true,
  });
});

test("people are spread evenly over the cycle, one by one, or begin together again", () => {
  let state = patternReducer(begun(), { type: "pick", pattern: DAY_NIGHT });
  state = patternReducer(state, { type: "spread", userIds: [7, 8] });
  expect(state.offsets).toEqual({ 7: 0, 8: 2 });
  state = patternReducer(state, { type: "offset", userId: 7, offset: 3 });
  expect(state.offsets).toEqual({ 7: 3, 8: 2 });
  expect(patternReducer(state, { type: "clear_offsets" }).offsets).toEqual({});
});

test("a deleted pattern leaves its cycle as one's own", () => {
  const state = patternReducer(initialPattern([DAY_NIGHT], NOVEMBER, "2026-12-24"), { type: "deleted" });
  expect(state).toMatchObject({ picked: OWN_PATTERN, cycle: { slots: [1, 2, null, null] } });
});

test("a cycle of one's own keeps nothing of the pattern before it", () => {
  const state = patternReducer(begun(), { type: "pick", pattern: DAY_NIGHT });
  expect(state.followsCalendar).toBe(true);
  expect(patternReducer(state, { type: "pick", pattern: undefined })).toMatchObject({
    followsCalendar: false,
    startsOnMonday: false,
    cycle: { slots: [] },
  });
});

test("crews begin one after the other; a person's own offset comes before that of the crew", () => {
  const picked = patternReducer(begun(), { type: "pick", pattern: DAY_NIGHT });
  let state = patternReducer(picked, { type: "crews", count: 2, userIds: [1, 2, 3, 4], kept: {} });
  expect([1, 2, 3, 4].map((id) => offsetOf(state, id))).toEqual([0, 0, 2, 2]);
  expect(state.continues).toBe(true);
  state = patternReducer(state, { type: "offset", userId: 1, offset: 3 });
  state = patternReducer(state, { type: "crew", userId: 3, crew: 0 });
  expect([1, 2, 3, 4].map((id) => offsetOf(state, id))).toEqual([3, 0, 0, 2]);
  expect(state.continues).toBe(false);
});

test("whoever changes crews goes on with the new one", () => {
  const begins = initialPattern([FOUR_CREWS], NOVEMBER, "2026-12-24", { 1: 0, 2: 1 });
  const moved = patternReducer(begins, { type: "crew", userId: 1, crew: 1 });
  expect(moved).toMatchObject({ continues: true, crewOf: { 1: 1, 2: 1 } });
});

test("the next month begins with the pattern that the team works, its crews and their people", () => {
  const worked = initialPattern([DAY_NIGHT, FOUR_CREWS], NOVEMBER, "2026-12-24", { 1: 0, 2: 1, 3: 1 });
  expect(worked).toMatchObject({ picked: 7, cycle: { slots: [3, 3, 1, 1] }, crewCount: 2, continues: true });
  expect(worked.chosen).toEqual(new Set([1, 2, 3]));
  const unworked = initialPattern([DAY_NIGHT], NOVEMBER, "2026-12-24", { 1: 0, 2: 1 });
  expect(unworked).toMatchObject({ picked: "白夜休休", crewCount: 0, chosen: null });
});

test("a cycle that is saved is the one that is picked", () => {
  const own = patternReducer(begun(), { type: "pick", pattern: undefined });
  expect(patternReducer(own, { type: "saved", id: 9 }).picked).toBe(9);
});
