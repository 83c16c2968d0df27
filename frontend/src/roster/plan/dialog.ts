import { apiAddress } from "../../api/client";
import type { PlainDate, PlainMonth } from "../../lib/dates";
import { download } from "../../parts/download";

/** The part of the roster that is shown. */
export interface PlanScope {
  teamId: number | undefined;
  from: PlainDate;
  to: PlainDate;
  /** The month that is in sight; of a week that lies in two, the one with more of its days. */
  month: PlainMonth;
}

export interface PlanDialogProps {
  scope: PlanScope;
  onClose: () => void;
}

/** A dialog that can lead to another one. */
export interface LinkingDialogProps extends PlanDialogProps {
  onOpen: (plan: Plan) => void;
}

export type Plan =
  | "drafts"
  | "proposal"
  | "wishes"
  | "pattern"
  | "copy"
  | "needs"
  | "order"
  | "report"
  | "print"
  | "days"
  | "import"
  | "export"
  | "feeds";

/** An empty roster of a month, to fill in. */
export const downloadTemplate = (month: PlainMonth, team_id: number | undefined) =>
  download(apiAddress("/api/v1/roster/import/template", { month, team_id }), `roster-template-${month}.xlsx`);
