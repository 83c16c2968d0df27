import { computed, type Signal, signal } from "@preact/signals";
import { Problem } from "../api/problem";
import type { PlainDate } from "../lib/dates";
import {
  type Change,
  keptRows,
  keyOf,
  type Overlay,
  type RosterRow,
  rowsWith,
  withChange,
  withoutChange,
} from "./cells";

export interface Saved {
  revision: number;
  warnings: Warning[];
}

export interface Warning {
  user_id: number;
  date: PlainDate;
  code: string;
  detail: string;
}

export interface Base {
  dates: PlainDate[];
  rows: RosterRow[];
  revision: number;
}

/** Why changes were taken back, for the page to say. */
export type Refusal =
  | { kind: "conflict"; theirs: Change[]; mine: Change[] }
  | { kind: "problem"; error: unknown; mine: Change[] };

/**
 * The roster on the page: what the server said, and over it what the planner did and the server has not confirmed yet.
 * Changes are sent one request at a time; what is changed while one is on its way goes with the next.
 */
export class RosterDraft {
  readonly base: Signal<Base>;
  readonly overlay = signal<Overlay>(new Map());
  readonly warnings = signal<ReadonlyMap<string, Warning>>(new Map());
  readonly rows = computed(() => rowsWith(this.base.value.rows, this.base.value.dates, this.overlay.value));
  readonly isSaving = signal(false);

  private waiting: Change[] = [];

  constructor(
    base: Base,
    private readonly save: (changes: Change[], revision: number) => Promise<Saved>,
    private readonly refused: (refusal: Refusal) => void,
  ) {
    this.base = signal(base);
  }

  /** A newer answer of the server. Unsaved changes stay on top. */
  reload(base: Base) {
    this.base.value = { ...base, rows: keptRows(this.base.peek().rows, base.rows) };
  }

  change(changes: Change[]): Promise<void> {
    if (changes.length === 0) return Promise.resolve();
    this.overlay.value = withChange(this.overlay.peek(), changes);
    this.waiting.push(...changes);
    return this.flush();
  }

  private async flush(): Promise<void> {
    if (this.isSaving.peek() || this.waiting.length === 0) return;
    this.isSaving.value = true;
    const sent = this.waiting;
    this.waiting = [];
    try {
      await this.send(sent);
    } finally {
      this.isSaving.value = false;
    }
    await this.flush();
  }

  private async send(sent: Change[]): Promise<void> {
    // The last word on a cell is the one that counts.
    const last = [...new Map(sent.map((change) => [keyOf(change.user_id, change.date), change])).values()];
    for (let attempt = 0; ; attempt++) {
      try {
        const saved = await this.save(last, this.base.peek().revision);
        this.settle(last, saved.revision);
        this.warn(last, saved.warnings);
        break;
      } catch (error) {
        const theirs = changesIn(error);
        if (!theirs) {
          this.refused({ kind: "problem", error, mine: last });
          break;
        }
        this.settle(theirs, revisionIn(error) ?? this.base.peek().revision);
        const mine = new Map(last.map((change) => [keyOf(change.user_id, change.date), change.shift_id]));
        const clashing = theirs.filter((change) => {
          const wanted = mine.get(keyOf(change.user_id, change.date));
          return wanted !== undefined && wanted !== change.shift_id;
        });
        // Somebody changed other cells: that is no reason to bother anyone.
        if (clashing.length === 0 && attempt < 3) continue;
        this.refused({ kind: "conflict", theirs: clashing, mine: last });
        break;
      }
    }
    this.overlay.value = withoutChange(this.overlay.peek(), sent);
  }

  /** These cells are now known to be so. */
  private settle(changes: readonly Change[], revision: number) {
    const base = this.base.peek();
    const overlay = withChange(new Map(), changes);
    this.base.value = { ...base, rows: rowsWith(base.rows, base.dates, overlay), revision };
  }

  private warn(changed: readonly Change[], warnings: readonly Warning[]) {
    if (warnings.length === 0 && this.warnings.peek().size === 0) return;
    const next = new Map(this.warnings.peek());
    for (const change of changed) next.delete(keyOf(change.user_id, change.date));
    for (const warning of warnings) next.set(keyOf(warning.user_id, warning.date), warning);
    this.warnings.value = next;
  }
}

function changesIn(error: unknown): Change[] | null {
  if (!(error instanceof Problem) || error.code !== "roster_stale" || !Array.isArray(error.extra.changes))
    return null;
  return error.extra.changes as Change[];
}

function revisionIn(error: unknown): number | null {
  return error instanceof Problem && typeof error.extra.revision === "number" ? error.extra.revision : null;
}
