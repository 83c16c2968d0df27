import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { problemText } from "../api/problem";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { t } from "./words";

interface TestDialogProps<T> {
  title: string;
  isWide?: boolean;
  /** What is chosen before the test; without it the test runs as the dialog opens. */
  options?: ComponentChildren;
  /** The button that runs the test, here or again. */
  action: string;
  /** Shown while it runs. */
  running?: string;
  run: () => Promise<T>;
  outcome: (result: T) => ComponentChildren;
  /** More about the result: what went over the wire. */
  details?: (result: T) => ComponentChildren;
  /** Where to go on. */
  links?: (result: T) => ComponentChildren;
  onClose: () => void;
}

/** A test of a channel or a punch source: it runs, and shows what the other side answered. */
export function TestDialog<T>(props: TestDialogProps<T>) {
  const { options, onClose } = props;
  const [result, setResult] = useState<T | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [isRunning, setRunning] = useState(!options);

  async function run() {
    setRunning(true);
    setProblem(null);
    setResult(null);
    try {
      setResult(await props.run());
    } catch (error) {
      setProblem(error);
    }
    setRunning(false);
  }

  useEffect(() => {
    if (!options) void run();
  }, []);

  return (
    <Dialog title={props.title} onClose={onClose} isWide={props.isWide ?? false}>
      <form
        class={options ? "form" : ""}
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        {options}
        <div role="status" class="test-outcome">
          {isRunning && props.running && <p class="soft">{props.running}</p>}
          {problem !== null && <p class="urgent">{problemText(problem)}</p>}
          {result !== null && props.outcome(result)}
        </div>
        {result !== null && props.details?.(result)}
        <footer class="form-foot">
          <Button look={options && result === null ? "main" : "plain"} type="submit" isBusy={isRunning}>
            {props.action}
          </Button>
          {result !== null && props.links?.(result)}
          <Button look="quiet" class={options ? "" : "apart"} onClick={onClose}>
            {t("action.close")}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
