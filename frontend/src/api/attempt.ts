import { useState } from "preact/hooks";

/** Work that may fail: whether it runs, and what went wrong last. What went well is for `onDone`. */
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

  /** What went wrong is about a form that is not there any more. */
  const forget = () => setProblem(null);

  return { attempt, isBusy, problem, forget };
}
