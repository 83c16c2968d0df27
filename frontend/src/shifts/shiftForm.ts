import { t } from "../i18n";
import { HUES, hueClassOf } from "./colour";
import type { Period } from "./periods";
import type { Shift } from "./useShifts";

export const MAX_PERIODS = 3;

/** The least used of the twelve, so that a new shift looks like no other. */
export function freshHue(all: readonly Pick<Shift, "is_rest" | "color">[]): string {
  const used = (name: string) =>
    all.filter((shift) => !shift.is_rest && hueClassOf(shift.color) === name).length;
  const names = HUES.map((_, index) => `hue-${((index * 5) % HUES.length) + 1}`);
  return names.reduce((best, name) => (used(name) < used(best) ? name : best));
}

/** Team 0 is every team. */
export const initialShiftForm = (shift: Shift | null, all: readonly Shift[]) => ({
  // The first one has a name already, so that it can be saved as it is.
  name: shift?.name ?? (all.length === 0 ? t("shift.first") : ""),
  code: shift?.code ?? (all.length === 0 ? t("shift.first_code") : ""),
  color: shift ? hueClassOf(shift.color) : freshHue(all),
  is_rest: shift?.is_rest ?? false,
  periods: (shift?.periods.length ? shift.periods : [{ start: "09:00", end: "18:00" }]) as readonly Period[],
  asks_clock_out: shift?.asks_clock_out ?? true,
  overtime_minutes: shift?.overtime_minutes ?? null,
  policy: shift?.policy ?? null,
  team_id: shift?.team_id ?? 0,
});

/** One more, which begins where the last one ends. */
export const withMore = (periods: readonly Period[]): readonly Period[] =>
  periods.length < MAX_PERIODS
    ? [...periods, { start: periods.at(-1)?.end ?? "13:00", end: "22:00" }]
    : periods;

export const withChange = (periods: readonly Period[], index: number, change: Partial<Period>) =>
  periods.map((each, at) => (at === index ? { ...each, ...change } : each));

/** The request's body; a rest has neither hours nor reminders. */
export const shiftBody = ({ team_id: _, ...form }: ReturnType<typeof initialShiftForm>) => ({
  ...form,
  name: form.name.trim(),
  code: form.code.trim(),
  color: form.color === "hue-none" ? "hue-1" : form.color,
  periods: form.is_rest ? [] : [...form.periods],
  overtime_minutes: form.is_rest ? null : form.overtime_minutes,
  policy: form.is_rest ? null : form.policy,
});
