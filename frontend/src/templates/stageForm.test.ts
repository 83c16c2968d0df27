import { expect, test } from "vitest";
import { Problem } from "../api/problem";
import { fieldProblem, initialStageForm, MAX_VARIANTS, stageReducer, withVariable } from "./stageForm";

const form = initialStageForm([{ title: "Hi", line: "Punch, {name}" }]);
const tooLong = (index: number, part: string) =>
  new Problem(422, {
    errors: [{ loc: ["body", "variants", index, part], code: "string_too_long", msg: "too long" }],
  });

test("a further variant is a copy of the last one, in hand, and there are at most ten", () => {
  let next = stageReducer(form, { type: "add" });
  expect(next.variants[1]).toEqual(form.variants[0]);
  expect(next.at).toEqual({ index: 1, part: "line" });
  for (let i = 0; i < 20; i++) next = stageReducer(next, { type: "add" });
  expect(next.variants).toHaveLength(MAX_VARIANTS);
});

test("a changed text forgets what saving said of the old one", () => {
  const refused = stageReducer(stageReducer(form, { type: "saving" }), {
    type: "failed",
    problem: tooLong(0, "title"),
  });
  expect(refused.isBusy).toBe(false);
  expect(fieldProblem(refused, null, 0, "title")).not.toBeNull();
  expect(fieldProblem(refused, null, 1, "title")).toBeNull();
  const changed = stageReducer(refused, { type: "text", index: 0, part: "title", text: "Ho" });
  expect(changed.problem).toBeNull();
  expect(changed.variants[0]).toEqual({ title: "Ho", line: "Punch, {name}" });
});

test("the preview's complaint belongs to the variant it shows", () => {
  const second = stageReducer(form, { type: "add" });
  const complaint = new Problem(422, {
    errors: [{ loc: ["body", "line"], code: "missing", msg: "missing" }],
  });
  expect(fieldProblem(second, complaint, 1, "line")).not.toBeNull();
  expect(fieldProblem(second, complaint, 0, "line")).toBeNull();
});

test("a variable goes where the selection is, else to the end", () => {
  const focused = stageReducer(form, { type: "focus", index: 0, part: "title" });
  expect(withVariable(focused, "time", { start: 1, end: 2 })).toMatchObject({ text: "H{time}", cursor: 7 });
  expect(withVariable(focused, "time", null)).toEqual({
    index: 0,
    part: "title",
    text: "Hi{time}",
    cursor: 8,
  });
});

test("the field in hand is still there after a variant is removed", () => {
  const two = stageReducer(form, { type: "add" });
  const one = stageReducer(two, { type: "remove", index: 1 });
  expect(one.at).toEqual({ index: 0, part: "line" });
  expect(withVariable({ ...one, at: { index: 5, part: "line" } }, "x", null).index).toBe(0);
});
