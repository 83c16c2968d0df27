import { api } from "../api/client";
import { useList } from "../api/get";
import { attempt, useRunning } from "../ui/attempt";
import { type Leave, requestProblemText, type Step, type Swap } from "./format";
import { t } from "./words";

/** Swaps that still wait for somebody. */
export const useOpenSwaps = () => useList("/api/v1/swaps", { query: { is_open: true } }, ["roster"]);

/** Takes a step of a swap, shows the result, and has the list reloaded. */
export function useSteps(onDone: () => Promise<void>) {
  const [running, run] = useRunning<string>();
  const take = (swap: Swap, step: Step) =>
    run(`${swap.id} ${step}`, async () => {
      const send = () => api.post(`/api/v1/swaps/{swap_id}/${step}`, { path: { swap_id: swap.id } });
      await attempt(send, t(`did.${step}`), requestProblemText);
      await onDone();
    });
  return { take, isBusy: (swap: Swap, step: Step) => running === `${swap.id} ${step}` };
}

/** Takes leave or a skipped day back. */
export async function endLeave(leave: Pick<Leave, "id">, onDone?: () => Promise<void>) {
  const send = () => api.delete("/api/v1/leaves/{leave_id}", { path: { leave_id: leave.id } });
  await attempt(send, t("leave.cancelled"), requestProblemText);
  await onDone?.();
}
