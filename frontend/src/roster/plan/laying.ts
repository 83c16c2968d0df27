import { useEffect, useState } from "preact/hooks";
import { api } from "../../api/client";
import { Problem, sayProblem } from "../../api/problem";
import { t } from "../../i18n";
import { say } from "../../ui/Toast";
import { asBefore, countsOf, type Filled, type PreviewCell } from "./preview";
import { word } from "./words";

/** The value once it has stood still: no question for every letter typed. */
export function useSettled<T>(value: T, afterMs = 250): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}

export function sayCounts(cells: readonly PreviewCell[], kept: number): string {
  const { added, moved, cleared } = countsOf(cells);
  const parts = [
    added > 0 && word("count.added", { n: added }),
    moved > 0 && word("count.moved", { n: moved }),
    cleared > 0 && word("count.cleared", { n: cleared }),
    kept > 0 && word("count.kept", { n: kept }),
  ].filter((part) => part !== false);
  return cells.length === 0 ? [word("count.nothing"), ...parts].join(" ") : parts.join(t("list.comma"));
}

/** Lays what the preview shows, and offers to take it back. False: somebody was faster, or it was refused. */
export async function lay(ask: () => Promise<Filled>): Promise<boolean> {
  try {
    const done = await ask();
    const before = asBefore(done.cells);
    say(word("laid", { n: done.changed }), {
      staysMs: 20_000,
      ...(before
        ? { action: { label: t("action.undo"), run: () => void takeBack(before, done.revision) } }
        : {}),
    });
    return true;
  } catch (error) {
    const isStale = error instanceof Problem && error.code === "roster_stale";
    say(isStale ? word("laid.stale") : sayProblem(error), { isProblem: true });
    return false;
  }
}

async function takeBack(assignments: NonNullable<ReturnType<typeof asBefore>>, revision: number) {
  try {
    await api.put("/api/v1/roster", { body: { assignments, revision } });
    say(word("taken_back"));
  } catch (error) {
    say(sayProblem(error), { isProblem: true });
  }
}
