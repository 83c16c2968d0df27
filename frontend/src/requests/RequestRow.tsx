import type { ComponentChildren } from "preact";
import { Problem, problemText } from "../api/problem";
import type { Resource } from "../api/resource";
import type { components } from "../api/schema";
import { formatDate } from "../lib/time";
import { warningText } from "../roster/notes";
import { Button } from "../ui/Button";
import { t } from "./words";

interface RequestRowProps {
  /** What is asked for; it also names the buttons. */
  what: string;
  state: string;
  reason: string;
  steps: readonly { name: string; label: string; isMain: boolean; isBusy: boolean; run: () => void }[];
  children?: ComponentChildren;
}

/** A swap or an open shift: what it is, its state, and the steps open to the reader. */
export function RequestRow({ what, state, reason, steps, children }: RequestRowProps) {
  return (
    <li class="request">
      <div class="request-words">
        <p>
          <b>{what}</b> <span class="soft small">{state}</span>
        </p>
        {children}
        {reason && <p class="soft small">{reason}</p>}
      </div>
      {steps.length > 0 && (
        <div class="request-steps">
          {steps.map((step) => (
            <Button
              key={step.name}
              look={step.isMain ? "main" : "quiet"}
              isBusy={step.isBusy}
              aria-label={t("step_named", { step: step.label, what })}
              onClick={step.run}
            >
              {step.label}
            </Button>
          ))}
        </div>
      )}
    </li>
  );
}

interface ApprovalWarningsProps {
  from: Resource<components["schemas"]["RosterWarning"][]>;
  nameOf: (userId: number) => string;
}

/** What a planner should know before approving, or why that is not possible any more. */
export function ApprovalWarnings({ from, nameOf }: ApprovalWarningsProps) {
  const { value: warnings, error } = from;
  if (error instanceof Problem && error.status === 409)
    return <p class="approval-warnings">{problemText(error)}</p>;
  if (!warnings?.length) return null;
  return (
    <div class="approval-warnings">
      <p>{t("approval.warned")}</p>
      <ul>
        {warnings.map((each) => (
          <li key={`${each.user_id} ${each.date} ${each.code}`}>
            {t("approval.warning", {
              who: nameOf(each.user_id),
              day: formatDate(each.date),
              what: warningText(each),
            })}
          </li>
        ))}
      </ul>
    </div>
  );
}
