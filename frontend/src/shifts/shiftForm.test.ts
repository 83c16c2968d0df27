import { expect, test } from "vitest";
import { freshHue, initialShiftForm, shiftBody, shiftFormReducer } from "./shiftForm";

test("a new shift begins with office hours and an unused colour", () => {
  const form = initialShiftForm(null, []);
  expect(form).toMatchObject({
    name: "",
    periods: [{ start: "09:00", end: "18:00" }],
    team: 0,
    policy: null,
  });
  expect(freshHue([{ is_rest: false, color: form.color }])).not.toBe(form.color);
  // A rest has no colour of its own, so it uses none up.
  expect(freshHue([{ is_rest: true, color: form.color }])).toBe(form.color);
});

test("a further period begins where the last one ends, up to three", () => {
  let form = initialShiftForm(null, []);
  form = shiftFormReducer(form, { type: "add_period" });
  expect(form.periods[1]).toEqual({ start: "18:00", end: "22:00" });
  form = shiftFormReducer(shiftFormReducer(form, { type: "add_period" }), { type: "add_period" });
  expect(form.periods).toHaveLength(3);
  form = shiftFormReducer(form, { type: "period", index: 0, change: { end: "12:00" } });
  form = shiftFormReducer(form, { type: "remove_period", index: 1 });
  expect(form.periods).toEqual([
    { start: "09:00", end: "12:00" },
    { start: "22:00", end: "22:00" },
  ]);
});

test("a rest is saved without hours, overtime and policy, and gets them back when it is none", () => {
  let form = initialShiftForm(null, []);
  form = shiftFormReducer(form, {
    type: "set",
    change: { name: " Off ", code: "O", overtime: 30, isRest: true },
  });
  expect(shiftBody(form)).toMatchObject({ name: "Off", is_rest: true, periods: [], overtime_minutes: null });
  form = shiftFormReducer(form, { type: "set", change: { isRest: false } });
  expect(shiftBody(form)).toMatchObject({
    periods: [{ start: "09:00", end: "18:00" }],
    overtime_minutes: 30,
  });
});
