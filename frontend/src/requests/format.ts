import { Problem, problemText } from "../api/problem";
import type { components } from "../api/schema";
import { daysBetween, type PlainDate } from "../lib/dates";
import { formatDate, formatDateRange } from "../lib/time";
import { nameOfShift, type Shift } from "../shifts/useShifts";
import { t } from "./words";

export type Swap = components["schemas"]["SwapRead"];
export type Leave = components["schemas"]["LeaveRead"];
export type Step = Swap["steps"][number];
export type OpenShift = components["schemas"]["OpenShiftRead"];
export type OpenShiftStep = OpenShift["steps"][number];

/** What went wrong with leave or a swap. */
export function requestProblemText(error: unknown): string {
  const there = error instanceof Problem && error.code === "leave_overlaps" && error.extra.leave;
  if (there) {
    const leave = there as Pick<Leave, "first_date" | "last_date" | "punch_kind" | "can_delete">;
    return t(leave.can_delete ? "overlaps" : "overlaps_planned", { when: formatLeaveDays(leave) });
  }
  return problemText(error);
}

export function shiftName(shifts: ReadonlyMap<number, Shift>, id: number | null | undefined): string {
  if (id === null || id === undefined) return t("no_shift");
  return nameOfShift(shifts, id, t("gone_shift"));
}

/** The changes by person and day, the asker first, from the roster at the time of the request. */
export function changesOf(
  swap: Swap,
): { date: PlainDate; userId: number; before: number | null; after: number | null }[] {
  const cell = (userId: number, date: PlainDate) =>
    swap.cells.find((each) => each.user_id === userId && each.date === date)?.shift_id ?? null;
  const dates = swap.return_date ? [swap.date, swap.return_date].sort() : [swap.date];
  return dates.flatMap((date) =>
    [[swap.user_id, swap.with_user_id] as const, [swap.with_user_id, swap.user_id] as const].map(
      ([userId, other]) => ({ date, userId, before: cell(userId, date), after: cell(other, date) }),
    ),
  );
}

export function describeSwap(swap: Swap, myId: number): string {
  if (swap.with_user_id === myId) return t("swap.asks_you", { name: swap.display_name });
  if (swap.user_id === myId) return t("swap.you_ask", { name: swap.with_display_name });
  return t("swap.they_ask", { name: swap.display_name, other: swap.with_display_name });
}

export function describeSwapState(swap: Swap, myId: number): string {
  const isAsked = swap.with_user_id === myId;
  switch (swap.status) {
    case "asked":
      return isAsked ? t("state.asked_you") : t("state.asked", { name: swap.with_display_name });
    case "accepted":
      return isAsked ? t("state.accepted_mine") : t("state.accepted", { name: swap.with_display_name });
    default:
      return t(`state.${swap.status}`);
  }
}

/** A planner rejects, the colleague declines. */
export function stepLabel(step: Step, swap: Swap, myId: number): string {
  return step === "decline" && swap.with_user_id !== myId ? t("step.refuse") : t(`step.${step}`);
}

export const describeOpenShift = (openShift: OpenShift, shifts: ReadonlyMap<number, Shift>): string =>
  t("open.title", { day: formatDate(openShift.date), shift: shiftName(shifts, openShift.shift_id) });

export function describeOpenShiftState(openShift: OpenShift, myId: number): string {
  if (openShift.status === "taken" && openShift.taken_by === myId) return t("open.taken_mine");
  return t(`open.${openShift.status}`, { name: openShift.taken_by_name });
}

/** Whether a swap or an open shift waits for this person's decision. Who offered a shift waits for the others. */
export const waitsForMe = ({ steps }: { steps: readonly (Step | OpenShiftStep)[] }) =>
  steps.includes("accept") || steps.includes("approve") || isForMe(steps);

/** Whether an open shift is offered to this person, who does not plan the team. */
export const isForMe = (steps: readonly (Step | OpenShiftStep)[]) =>
  steps.includes("take") && !steps.includes("withdraw");

/** `周二 11月24日`, or `11月24–26日 · 3 天`; with the one punch it is about. */
export function formatLeaveDays(leave: Pick<Leave, "first_date" | "last_date" | "punch_kind">): string {
  const n = daysBetween(leave.first_date, leave.last_date) + 1;
  const dates =
    n === 1
      ? formatDate(leave.first_date)
      : `${formatDateRange(leave.first_date, leave.last_date)} · ${t("days", { n })}`;
  return leave.punch_kind ? `${dates} · ${t(`half.${leave.punch_kind}`)}` : dates;
}
