import { expect, test } from "vitest";
import { freshHue, initialShiftForm, shiftBody, withChange, withMore } from "./shiftForm";

test("a new shift begins with office hours and an unused colour", () => {
  const form = initialShiftForm(null, []);
  expect(form).toMatchObject({
    name: "白班",
    periods: [{ start: "09:00", end: "18:00" }],
    team_id: 0,
    policy: null,
  });
  expect(freshHue([{ is_rest: false, color: form.color }])).not.toBe(form.color);
  // A rest has no colour of its own, so it uses none up.
  expect(freshHue([{ is_rest: true, color: form.color }])).toBe(form.color);
});

test("a further period begins where the last one ends, up to three", () => {
  const [first] = initialShiftForm(null, []).periods;
  const two = withMore(first ? [first] : []);
  expect(two[1]).toEqual({ start: "18:00", end: "22:00" });
  expect(withMore(withMore(two))).toHaveLength(3);
  expect(withChange(two, 0, { end: "12:00" })).toEqual([{ start: "09:00", end: "12:00" }, two[1]]);
});

test("a rest is saved without hours, overtime and policy, and gets them back when it is none", () => {
  const form = {
    ...initialShiftForm(null, []),
    name: " Off ",
    code: "O",
    overtime_minutes: 30,
    is_rest: true,
  };
  expect(shiftBody(form)).toMatchObject({ name: "Off", is_rest: true, periods: [], overtime_minutes: null });
  expect(shiftBody({ ...form, is_rest: false })).toMatchObject({
    periods: [{ start: "09:00", end: "18:00" }],
    overtime_minutes: 30,
  });
});
