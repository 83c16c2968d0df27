import { useState } from "preact/hooks";
import { api } from "../api/client";
import { type Resource, useResource } from "../api/resource";
import { showToast } from "../ui/Toast";
import { type Leave, requestProblemText, type Step, type Swap } from "./format";
import { t } from "./words";

/** Swaps that still wait for somebody. */
export function useOpenSwaps(): Resource<Swap[]> {
  return useResource(
    "open swaps",
    async () => (await api.get("/api/v1/swaps", { query: { is_open: true } })).items,
    ["roster"],
  );
}

const STEPS = {
  accept: "/api/v1/swaps/{swap_id}/accept",
  decline: "/api/v1/swaps/{swap_id}/decline",
  withdraw: "/api/v1/swaps/{swap_id}/withdraw",
  approve: "/api/v1/swaps/{swap_id}/approve",
} as const;

/** Takes a step of a swap, shows the result, and has the list reloaded. */
export function useSteps(onDone: () => Promise<void>) {
  const [busy, setBusy] = useState<string | null>(null);
  async function take(swap: Swap, step: Step) {
    setBusy(`${swap.id} ${step}`);
    try {
      await api.post(STEPS[step], { path: { swap_id: swap.id } });
      showToast(t(`did.${step}`));
    } catch (error) {
      showToast(requestProblemText(error), { isProblem: true });
    }
    await onDone();
    setBusy(null);
  }
  return { take, isBusy: (swap: Swap, step: Step) => busy === `${swap.id} ${step}` };
}

/** Takes leave or a skipped day back. */
export async function endLeave(leave: Pick<Leave, "id">, onDone?: () => Promise<void>) {
  try {
    await api.delete("/api/v1/leaves/{leave_id}", { path: { leave_id: leave.id } });
    showToast(t("leave.cancelled"));
  } catch (error) {
    showToast(requestProblemText(error), { isProblem: true });
  }
  await onDone?.();
}
