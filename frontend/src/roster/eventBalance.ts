import type { CellChange } from "./draft";

/** An event may come a little later than the answer to the save that it is about. */
const LATE_MS = 5000;

/**
 * Counts the events about a team's roster against what is known to have caused them: one for each own save, one for each
 * transaction whose cells were merged. An event that is left over is about something else, as a leave or a swap.
 */
export class EventBalance {
  private events = 0;
  private readonly merged = new Set<string>();
  /** Saves whose events are yet to come. */
  private early = { count: 0, at: 0 };

  /** `saves`: how many there were before the first event. */
  constructor(private saves: number) {}

  event() {
    this.events++;
  }

  merge(changes: readonly CellChange[]) {
    // A transaction has one time; two within a second count as one, so that at worst too much is loaded again.
    for (const { changed_by, at, is_draft } of changes)
      this.merged.add(`${changed_by} ${at.slice(0, 19)} ${is_draft}`);
  }

  /** Begins anew, and says whether an event was left over. `saves`: how many there are by now. */
  settle(saves: number, now: number): boolean {
    const early = now - this.early.at < LATE_MS ? this.early.count : 0;
    const left = this.events - this.merged.size - (saves - this.saves) - early;
    this.events = 0;
    this.merged.clear();
    this.saves = saves;
    this.early = { count: Math.max(0, -left), at: now };
    return left > 0;
  }
}
