import { Problem, problemOf } from "../api/problem";
import { inserted } from "./insert";
import type { Variant } from "./template";

export const MAX_VARIANTS = 10;

export type Part = "title" | "line";

export interface StageForm {
  variants: readonly Variant[];
  /** Where a variable is inserted, and which variant the preview shows. */
  at: { index: number; part: Part };
  /** Why saving failed; null again once something was changed. */
  problem: unknown;
  isBusy: boolean;
  isResetting: boolean;
}

export type StageAction =
  | { type: "text"; index: number; part: Part; text: string }
  | { type: "focus"; index: number; part: Part }
  | { type: "add" }
  | { type: "remove"; index: number }
  | { type: "confirm_reset"; isResetting: boolean }
  | { type: "saving" }
  | { type: "failed"; problem: unknown };

export const initialStageForm = (variants: readonly Variant[]): StageForm => ({
  variants,
  at: { index: 0, part: "line" },
  problem: null,
  isBusy: false,
  isResetting: false,
});

export function stageReducer(form: StageForm, action: StageAction): StageForm {
  const { variants } = form;
  switch (action.type) {
    case "text": {
      const { index, part, text } = action;
      return {
        ...form,
        variants: variants.map((each, i) => (i === index ? { ...each, [part]: text } : each)),
        problem: null,
      };
    }
    case "focus":
      return { ...form, at: { index: action.index, part: action.part } };
    case "add": {
      const last = variants.at(-1);
      if (!last || variants.length >= MAX_VARIANTS) return form;
      return { ...form, variants: [...variants, { ...last }], at: { index: variants.length, part: "line" } };
    }
    case "remove":
      return {
        ...form,
        variants: variants.filter((_, i) => i !== action.index),
        at: { index: 0, part: "line" },
        problem: null,
      };
    case "confirm_reset":
      return { ...form, isResetting: action.isResetting };
    case "saving":
      return { ...form, isBusy: true, problem: null };
    case "failed":
      return { ...form, isBusy: false, isResetting: false, problem: action.problem };
  }
}

/** The text of the field in hand with a variable at its selection, and where the cursor goes. */
export function withVariable(
  { variants, at }: StageForm,
  variable: string,
  selection: { start: number | null; end: number | null } | null,
): { index: number; part: Part; text: string; cursor: number } {
  const index = Math.min(at.index, variants.length - 1);
  const before = variants[index]?.[at.part] ?? "";
  const end = before.length;
  const [text, cursor] = inserted(before, selection?.start ?? end, selection?.end ?? end, variable);
  return { index, part: at.part, text, cursor };
}

/** What is wrong with one field: saving's answer, or the preview's about the variant that it shows. */
export function fieldProblem(
  { at, problem }: StageForm,
  previewProblem: unknown,
  index: number,
  part: Part,
): string | null {
  if (problem instanceof Problem) {
    const mine = problem.errors.filter((each) => each.loc.includes(index));
    const saved = problemOf(new Problem(problem.status, { ...problem.extra, errors: mine }), part);
    if (saved) return saved;
  }
  return index === at.index ? problemOf(previewProblem, part) : null;
}
