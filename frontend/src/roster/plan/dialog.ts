import { signal } from "@preact/signals";
import type { PlainDate } from "../../lib/dates";

/** The part of the roster that is in sight when a dialog opens. */
export interface PlanScope {
  teamId: number | undefined;
  from: PlainDate;
  to: PlainDate;
}

export interface PlanDialogProps {
  scope: PlanScope;
  onClose: () => void;
}

export type Plan = "pattern" | "copy" | "needs" | "report" | "print" | "days" | "import" | "export" | "feeds";

export const openedPlan = signal<Plan | null>(null);

/** Opens a dialog from elsewhere on the page: a banner with its remedy. */
export function openPlan(plan: Plan) {
  openedPlan.value = plan;
}
