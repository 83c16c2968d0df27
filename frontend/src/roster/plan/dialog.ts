import type { PlainDate } from "../../lib/dates";

/** The part of the roster that is shown when a dialog opens. */
export interface PlanScope {
  teamId: number | undefined;
  from: PlainDate;
  to: PlainDate;
}

export interface PlanDialogProps {
  scope: PlanScope;
  onClose: () => void;
}

/** A dialog that can lead to another one. */
export interface LinkingDialogProps extends PlanDialogProps {
  onOpen: (plan: Plan) => void;
}

export type Plan = "pattern" | "copy" | "needs" | "report" | "print" | "days" | "import" | "export" | "feeds";
