import { useState } from "preact/hooks";

/** Work that may fail: whether it is running, and the last problem. Success calls `onDone`. */
export function useAttempt(onDone?: () => void, onFailed?: () => void) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);

  async function attempt(work: () => Promise<unknown>) {
    setBusy(true);
    setProblem(null);
    try {
      await work();
      onDone?.();
    } catch (error) {
      setProblem(error);
      setBusy(false);
      onFailed?.();
    }
  }

  /** Clears the problem, which belonged to a previous form. */
  const forget = () => setProblem(null);

  return { attempt, isBusy, problem, forget };
}
