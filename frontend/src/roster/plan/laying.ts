import { useEffect, useState } from "preact/hooks";
import { api } from "../../api/client";
import { Problem, sayProblem } from "../../api/problem";
import { useResource } from "../../api/resource";
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

interface Laying {
  /** What is asked about, read anew when somebody was faster. */
  roster: { reload: () => Promise<void> };
  onLaid: () => void;
}

/** Asks what a plan would change while it is put together, and lays it. Without a body there is nothing to ask. */
export function useLaying<Body>(
  body: Body | null,
  ask: (body: Body & { dry_run: boolean; revision?: number }) => Promise<Filled>,
  { roster, onLaid }: Laying,
) {
  const [isBusy, setBusy] = useState(false);
  const wanted = JSON.stringify(body);
  const asked = useSettled(wanted);
  const preview = useResource(asked, async () => {
    const settled = JSON.parse(asked) as Body | null;
    return settled && { of: asked, answer: await ask({ ...settled, dry_run: true }) };
  }, ["roster"]);
  const shown = preview.value;

  async function apply() {
    if (!body || !shown) return;
    setBusy(true);
    const { revision } = shown.answer;
    const isLaid = await lay(() => ask({ ...body, dry_run: false, revision }));
    setBusy(false);
    if (isLaid) onLaid();
    else await Promise.all([roster.reload(), preview.reload()]);
  }

  return {
    preview,
    answer: shown?.answer ?? null,
    /** Whether the answer is about what is chosen now. */
    isSettled: shown !== null && shown.of === wanted && preview.error === null,
    isBusy,
    apply,
  };
}

/** Lays what the preview shows, and offers to take it back. False: somebody was faster, or it was refused. */
async function lay(ask: () => Promise<Filled>): Promise<boolean> {
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
