import { signal } from "@preact/signals";
import { setLockPrompt } from "../api/client";
import { lazyDialog } from "../lib/lazy";

const LockDialog = lazyDialog(() => import("./Synced").then((it) => it.LockDialog));

const question = signal<{ cells: number; answer: (isAgreed: boolean) => void } | null>(null);

setLockPrompt(
  ({ extra }) =>
    new Promise((resolve) => {
      question.peek()?.answer(false);
      question.value = {
        cells: Number(extra.count),
        answer: (isAgreed) => {
          question.value = null;
          resolve(isAgreed);
        },
      };
    }),
);

/** Asks before cells from an attendance system are written over, whatever writes them. */
export function LockPrompt() {
  const asked = question.value;
  return (
    asked && (
      <LockDialog cells={asked.cells} onYes={() => asked.answer(true)} onClose={() => asked.answer(false)} />
    )
  );
}
