import { HUES, hueClassOf } from "./colour";
import type { Period } from "./periods";
import type { Policy } from "./policy";
import type { Shift } from "./useShifts";

export const MAX_PERIODS = 3;

export interface ShiftForm {
  name: string;
  code: string;
  color: string;
  isRest: boolean;
  periods: readonly Period[];
  overtime: number | null;
  policy: Policy | null;
  /** 0 is every team. */
  team: number;
}

export type ShiftAction =
  | { type: "set"; change: Partial<Omit<ShiftForm, "periods">> }
  | { type: "period"; index: number; change: Partial<Period> }
  | { type: "add_period" }
  | { type: "remove_period"; index: number };

/** The least used of the twelve, so that a new shift looks like no other. */
export function freshHue(all: readonly Pick<Shift, "is_rest" | "color">[]): string {
  const used = (name: string) =>
    all.filter((shift) => !shift.is_rest && hueClassOf(shift.color) === name).length;
  const names = HUES.map((_, index) => `hue-${((index * 5) % HUES.length) + 1}`);
  return names.reduce((best, name) => (used(name) < used(best) ? name : best));
}

export function initialShiftForm(shift: Shift | null, all: readonly Shift[]): ShiftForm {
  return {
    name: shift?.name ?? "",
    code: shift?.code ?? "",
    color: shift ? hueClassOf(shift.color) : freshHue(all),
    isRest: shift?.is_rest ?? false,
    periods: shift && shift.periods.length > 0 ? shift.periods : [{ start: "09:00", end: "18:00" }],
    overtime: shift?.overtime_minutes ?? null,
    policy: shift?.policy ?? null,
    team: shift?.team_id ?? 0,
  };
}

export function shiftFormReducer(form: ShiftForm, action: ShiftAction): ShiftForm {
  const { periods } = form;
  switch (action.type) {
    case "set":
      return { ...form, ...action.change };
    case "period":
      return {
        ...form,
        periods: periods.map((each, at) => (at === action.index ? { ...each, ...action.change } : each)),
      };
    case "add_period":
      if (periods.length >= MAX_PERIODS) return form;
      return { ...form, periods: [...periods, { start: periods.at(-1)?.end ?? "13:00", end: "22:00" }] };
    case "remove_period":
      return { ...form, periods: periods.filter((_, at) => at !== action.index) };
  }
}

/** The request's body; a rest has neither hours nor reminders. */
export function shiftBody({ name, code, color, isRest, periods, overtime, policy }: ShiftForm) {
  return {
    name: name.trim(),
    code: code.trim(),
    color: color === "hue-none" ? "hue-1" : color,
    is_rest: isRest,
    periods: isRest ? [] : [...periods],
    overtime_minutes: isRest ? null : overtime,
    policy: isRest ? null : policy,
  };
}
