import { useList } from "../api/get";
import { me } from "../api/session";
import { formatDate } from "../lib/time";
import { warningText } from "../roster/notes";
import type { Shift } from "../shifts/useShifts";
import { Button } from "../ui/Button";
import {
  changesOf,
  describeSwap,
  describeSwapState,
  type Step,
  type Swap,
  shiftName,
  stepLabel,
} from "./format";
import { t } from "./words";

interface SwapRowProps {
  swap: Swap;
  shifts: ReadonlyMap<number, Shift>;
  isBusy: (swap: Swap, step: Step) => boolean;
  onStep: (swap: Swap, step: Step) => void;
}

/** One swap: the people, what would change, its state, and the steps open to the reader. */
export function SwapRow({ swap, shifts, isBusy, onStep }: SwapRowProps) {
  const myId = me.value?.id ?? 0;
  const what = describeSwap(swap, myId);
  const changes = changesOf(swap);
  const dates = [...new Set(changes.map((change) => change.date))];
  const isLast = swap.steps.includes("accept") || swap.steps.includes("approve");
  return (
    <li class="request">
      <div class="request-words">
        <p>
          <b>{what}</b> <span class="soft small">{describeSwapState(swap, myId)}</span>
        </p>
        {dates.map((date) => (
          <p key={date} class="request-day">
            <span class="soft figures">{formatDate(date)}</span>
            {changes
              .filter((change) => change.date === date)
              .map((change) => (
                <span key={change.userId}>
                  {t("swap.day_line", {
                    a:
                      change.userId === myId
                        ? t("swap.mine")
                        : change.userId === swap.user_id
                          ? swap.display_name
                          : swap.with_display_name,
                    before: shiftName(shifts, change.before),
                    after: shiftName(shifts, change.after),
                  })}
                </span>
              ))}
          </p>
        ))}
        {swap.steps.includes("approve") && <SwapWarnings swap={swap} />}
        {swap.reason && <p class="soft small">{swap.reason}</p>}
      </div>
      {swap.steps.length > 0 && (
        <div class="request-steps">
          {swap.steps.map((step) => {
            const label = stepLabel(step, swap, myId);
            return (
              <Button
                key={step}
                look={isLast && (step === "accept" || step === "approve") ? "main" : "quiet"}
                isBusy={isBusy(swap, step)}
                aria-label={t("step_named", { step: label, what })}
                onClick={() => onStep(swap, step)}
              >
                {label}
              </Button>
            );
          })}
        </div>
      )}
    </li>
  );
}

/** What a planner should know before approving. */
function SwapWarnings({ swap }: { swap: Swap }) {
  const path = { swap_id: swap.id };
  const warnings = useList("/api/v1/swaps/{swap_id}/warnings", { path }, ["roster"]);
  if (!warnings.value?.length) return null;
  return (
    <div class="swap-warnings">
      <p>{t("swap.warned")}</p>
      <ul>
        {warnings.value.map((each) => (
          <li key={`${each.user_id} ${each.date} ${each.code}`}>
            {t("swap.warning", {
              who: each.user_id === swap.user_id ? swap.display_name : swap.with_display_name,
              day: formatDate(each.date),
              what: warningText(each),
            })}
          </li>
        ))}
      </ul>
    </div>
  );
}
