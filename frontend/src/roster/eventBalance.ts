import type { CellChange } from "./draft";

/**
 * Counts the events about a team's roster against what is known to have caused them: one for each own save, one for each
 * transaction whose cells were merged. A save whose answer comes after the merge is both, and explains one event. An event that
 * is left over is about something else, as a leave or a swap. In doubt there is one: at worst too much is loaded again.
 */
export class EventBalance {
  private events = 0;
  private readonly merged = new Set<string>();
  private readonly mine = new Set<string>();

  /** `saves`: how many there were before the first event. */
  constructor(
    private saves: number,
    private readonly myId: number | undefined,
  ) {}

  event() {
    this.events++;
  }

  merge(changes: readonly CellChange[]) {
    // A transaction has one time; two within a second count as one.
    for (const { changed_by, at, is_draft } of changes)
      (changed_by === this.myId ? this.mine : this.merged).add(
        `${changed_by} ${at.slice(0, 19)} ${is_draft}`,
      );
  }

  /** Begins anew, and says whether an event was left over. `saves`: how many there are by now. */
  settle(saves: number): boolean {
    const explained = this.merged.size + Math.max(this.mine.size, saves - this.saves);
    const isLeftOver = this.events > explained;
    this.events = 0;
    this.merged.clear();
    this.mine.clear();
    this.saves = saves;
    return isLeftOver;
  }
}
