import { useList } from "../api/get";
import { me } from "../api/session";
import { formatDate } from "../lib/time";
import type { Shift } from "../shifts/useShifts";
import {
  changesOf,
  describeSwap,
  describeSwapState,
  type Step,
  type Swap,
  shiftName,
  stepLabel,
} from "./format";
import { ApprovalWarnings, RequestRow } from "./RequestRow";
import { t } from "./words";

interface SwapRowProps {
  swap: Swap;
  shifts: ReadonlyMap<number, Shift>;
  isBusy: (swap: Swap, step: Step) => boolean;
  onStep: (swap: Swap, step: Step) => void;
}

/** One swap: the people, and what would change. */
export function SwapRow({ swap, shifts, isBusy, onStep }: SwapRowProps) {
  const myId = me.value?.id ?? 0;
  const changes = changesOf(swap);
  const dates = [...new Set(changes.map((change) => change.date))];
  const nameOf = (id: number) => (id === swap.user_id ? swap.display_name : swap.with_display_name);
  return (
    <RequestRow
      what={describeSwap(swap, myId)}
      state={describeSwapState(swap, myId)}
      reason={swap.reason}
      steps={swap.steps.map((name) => ({
        name,
        label: stepLabel(name, swap, myId),
        isMain: name === "accept" || name === "approve",
        isBusy: isBusy(swap, name),
        run: () => onStep(swap, name),
      }))}
    >
      {dates.map((date) => (
        <p key={date} class="request-day">
          <span class="soft figures">{formatDate(date)}</span>
          {changes
            .filter((change) => change.date === date)
            .map((change) => (
              <span key={change.userId}>
                {t("swap.day_line", {
                  a: change.userId === myId ? t("swap.mine") : nameOf(change.userId),
                  before: shiftName(shifts, change.before),
                  after: shiftName(shifts, change.after),
                })}
              </span>
            ))}
        </p>
      ))}
      {swap.steps.includes("approve") && <SwapWarnings id={swap.id} nameOf={nameOf} />}
    </RequestRow>
  );
}

function SwapWarnings({ id, nameOf }: { id: number; nameOf: (userId: number) => string }) {
  const path = { swap_id: id };
  const warnings = useList("/api/v1/swaps/{swap_id}/warnings", { path }, ["roster"]);
  return <ApprovalWarnings from={warnings} nameOf={nameOf} />;
}
