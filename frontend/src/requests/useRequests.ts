import { api } from "../api/client";
import { useList } from "../api/get";
import { Problem } from "../api/problem";
import { attempt, useRunning } from "../ui/attempt";
import { dismiss } from "../ui/Toast";
import {
  type Leave,
  type OpenShift,
  type OpenShiftStep,
  requestProblemText,
  type Step,
  type Swap,
} from "./format";
import { t } from "./words";

/** Swaps that still wait for somebody. */
export const useOpenSwaps = () => useList("/api/v1/swaps", { query: { is_open: true } }, ["roster"]);

/** Open shifts that one may take or decide on. */
export const useOpenShifts = () => useList("/api/v1/open-shifts", { query: { is_open: true } }, ["roster"]);

/** Takes a step of a swap or of an open shift, shows the result, and has the lists reloaded. */
export function useSteps(onDone: () => Promise<void>) {
  const [running, run] = useRunning<string>();
  const send = (key: string, done: string, request: () => Promise<unknown>) =>
    run(key, async () => {
      await attempt(request, done, requestProblemText);
      await onDone();
    });
  return {
    take: (swap: Swap, step: Step) =>
      send(`swap ${swap.id} ${step}`, t(`did.${step}`), () =>
        api.post(`/api/v1/swaps/{swap_id}/${step}`, { path: { swap_id: swap.id } }),
      ),
    isBusy: (swap: Swap, step: Step) => running === `swap ${swap.id} ${step}`,
    takeOpen: (open: OpenShift, step: OpenShiftStep) =>
      send(`open ${open.id} ${step}`, t(`open_did.${step}`), () =>
        api.post(`/api/v1/open-shifts/{open_shift_id}/${step}`, { path: { open_shift_id: open.id } }),
      ),
    isOpenBusy: (open: OpenShift, step: OpenShiftStep) => running === `open ${open.id} ${step}`,
  };
}

/** The id of the message that offers to take leave back. */
export const toastOf = (leave: Pick<Leave, "id">) => `leave ${leave.id}`;

/** Takes leave or a skipped day back; what is gone already is done. */
export async function endLeave(leave: Pick<Leave, "id">, onDone?: () => Promise<void>) {
  const send = () =>
    api.delete("/api/v1/leaves/{leave_id}", { path: { leave_id: leave.id } }).catch((error: unknown) => {
      if (!(error instanceof Problem) || error.code !== "leave_not_found") throw error;
    });
  if (await attempt(send, t("leave.cancelled"), requestProblemText)) dismiss(toastOf(leave));
  await onDone?.();
}
