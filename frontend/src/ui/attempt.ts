import { useState } from "preact/hooks";
import { problemText } from "../api/problem";
import { showToast } from "./Toast";

/** Does some work; a toast shows `done`, or why it failed. True if it is done. */
export async function attempt(
  work: () => Promise<unknown>,
  done?: string,
  explain: (problem: unknown) => string = problemText,
): Promise<boolean> {
  try {
    await work();
  } catch (error) {
    showToast(explain(error), { isProblem: true });
    return false;
  }
  if (done) showToast(done);
  return true;
}

/** Does some work, and keeps whether it runs and why it failed. */
export function useAttempt() {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  async function attempt(work: () => Promise<unknown>) {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  }
  return { isBusy, problem, setProblem, attempt };
}

/** The name of the work that is running, for the button that began it, and a function that runs some. */
export function useRunning<Name>() {
  const [running, setRunning] = useState<Name | null>(null);
  async function run(name: Name, work: () => Promise<unknown>) {
    setRunning(name);
    await work();
    setRunning(null);
  }
  return [running, run] as const;
}
