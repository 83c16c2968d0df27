import { batch, computed, type Signal, signal } from "@preact/signals";
import { waitBefore } from "../api/events";
import { mayPass, Problem } from "../api/problem";
import type { components } from "../api/schema";
import type { PlainDate } from "../lib/dates";
import { type Change, cellKey, type RosterRow, reuseRows, withOverlay } from "./cells";
import { type Warning, type Warnings, withReport, withSaved } from "./warnings";

export type CellChange = components["schemas"]["CellChange"];
export type Saved = Pick<
  components["schemas"]["RosterSaved"],
  "changed" | "revision" | "warnings" | "missed"
>;

/** One team's roster for a range of dates, as the server answered it at a revision. */
export interface Base {
  teamId: number | null;
  dates: PlainDate[];
  rows: RosterRow[];
  revision: number;
}

/** A change that is not saved yet. */
export interface Pending extends Change {
  teamId: number | null;
  /** Values that the cell may have on the server without a conflict: those the planner saw in it or wrote into it. */
  expected: (number | null)[];
  /** The revision that the planner saw; sent while the cell is not shown. */
  baseRevision: number;
}

/** A cell that another planner changed before my change was saved. Theirs applies until the planner decides. */
export interface Conflict {
  teamId: number | null;
  user_id: number;
  date: PlainDate;
  mine: number | null;
  theirs: number | null;
  changed_by: number | null;
  at: string | null;
  revision: number;
  /** Found while undoing or redoing an earlier change. */
  isOfUndo?: boolean;
}

/** Why saving is delayed. The changes are kept. */
export interface SaveDelay {
  error: unknown;
  attempt: number;
}

interface KnownCell {
  shift_id: number | null;
  revision: number;
  changed_by: number | null;
  at: string | null;
}

type Settled = Change & Pick<KnownCell, "changed_by" | "at">;

/** About a third of the megabyte that the server accepts in one request. */
const MAX_CHANGES_PER_REQUEST = 5000;
const MAX_STALE_ANSWERS = 20;
const EMPTY: Base = { teamId: null, dates: [], rows: [], revision: 0 };

/**
 * The roster as a planner edits it: the server's answer, and over it the changes that are not saved yet. It outlives the range
 * of dates on the page. Requests are sent one at a time; changes made during a request go with the next one.
 *
 * Every answer has a revision, and answers may overtake each other. The newest known value of each cell is kept with its
 * revision, so that an older answer never overwrites a newer one.
 */
export class RosterDraft {
  readonly base: Signal<Base> = signal(EMPTY);
  readonly overlay = signal<ReadonlyMap<string, Pending>>(new Map());
  readonly conflicts = signal<ReadonlyMap<string, Conflict>>(new Map());
  readonly warnings = signal<Warnings>(new Map());
  readonly saveDelay = signal<SaveDelay | null>(null);
  readonly isSaving = signal(false);
  readonly dates = computed(() => this.base.value.dates);
  readonly rows = computed(() => {
    // A saved change looks the same as before: nothing is rendered or counted again.
    const rows = reuseRows(
      this.drawn,
      withOverlay(this.base.value.rows, this.base.value.dates, this.overlay.value),
    );
    const isSame = rows.length === this.drawn.length && rows.every((row, index) => row === this.drawn[index]);
    if (!isSame) this.drawn = rows;
    return this.drawn;
  });
  private drawn: RosterRow[] = [];

  private readonly columns = computed(() => new Map(this.dates.value.map((date, index) => [date, index])));
  private readonly people = computed(() => new Map(this.base.value.rows.map((row) => [row.id, row])));
  /** Revision of the answer that `base` was built from; everything newer is in `knownCells`. */
  private answerRevision = 0;
  private readonly knownCells = new Map<string, KnownCell>();
  private saving: Promise<void> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private staleAnswers = 0;
  /** How many saves changed something, by team: each of them comes back as an event. */
  private readonly saves = new Map<number | null, number>();

  constructor(
    /** `goesOn`: with the rest of what did not fit into the request before. */
    private readonly save: (changes: Change[], revision: number, goesOn: boolean) => Promise<Saved>,
    /** Called with changes that the server refused. They are reverted already. */
    private readonly onRefused: (error: unknown, changes: readonly Change[]) => void,
  ) {}

  /** Shows an answer with all cells of a range. Unsaved changes and everything newer than the answer stay on top. */
  show(answer: Base) {
    const before = this.base.peek();
    const isSameView =
      before.teamId === answer.teamId &&
      before.dates.length === answer.dates.length &&
      before.dates[0] === answer.dates[0];
    if (isSameView && answer.revision < this.answerRevision) return;
    this.answerRevision = answer.revision;
    const newer = new Map<string, Change>();
    const columns = new Set(answer.dates);
    for (const row of answer.rows)
      for (const date of columns) {
        const known = this.knownCells.get(cellKey(row.id, date));
        if (known && known.revision > answer.revision)
          newer.set(cellKey(row.id, date), { user_id: row.id, date, shift_id: known.shift_id });
      }
    this.base.value = {
      ...answer,
      rows: reuseRows(before.rows, withOverlay(answer.rows, answer.dates, newer)),
      revision: isSameView ? Math.max(before.revision, answer.revision) : answer.revision,
    };
  }

  savesOf(teamId: number | null): number {
    return this.saves.get(teamId) ?? 0;
  }

  /** Merges what was changed between two revisions. */
  mergeRemote(changes: readonly CellChange[], since: number, revision: number, teamId: number | null) {
    this.settle(changes, since, revision, teamId);
  }

  /**
   * Shows and saves changes to cells of the team that is shown. `seen` is what a preview of an earlier `revision` showed in a cell:
   * if it has changed since, the planner decides.
   */
  change(
    changes: readonly (Change & { seen?: number | null })[],
    revision = this.base.peek().revision,
  ): Promise<void> {
    if (changes.length === 0) return Promise.resolve();
    const { teamId } = this.base.peek();
    this.put(
      changes.map(({ seen, ...change }) => {
        const before = seen === undefined ? this.valueOf(change) : seen;
        return { ...change, teamId, expected: before === undefined ? [] : [before], baseRevision: revision };
      }),
    );
    return this.flush();
  }

  /** Decides conflicts for my changes, and saves them. */
  keepMine(conflicts: readonly Conflict[], action: string): Promise<void> {
    this.put(
      conflicts.map(({ teamId, user_id, date, mine, theirs, revision }) => ({
        teamId,
        user_id,
        date,
        shift_id: mine,
        action,
        expected: [theirs],
        baseRevision: revision,
      })),
    );
    return this.flush();
  }

  /** Decides conflicts for what is saved already. */
  keepTheirs(conflicts: readonly Conflict[]) {
    const next = new Map(this.conflicts.peek());
    for (const conflict of conflicts) next.delete(cellKey(conflict.user_id, conflict.date));
    this.conflicts.value = next;
  }

  /** Asks about cells that somebody changed, as about those that were found while saving. */
  ask(conflicts: readonly Conflict[]) {
    if (conflicts.length === 0) return;
    const next = new Map(this.conflicts.peek());
    for (const conflict of conflicts) next.set(cellKey(conflict.user_id, conflict.date), conflict);
    this.conflicts.value = next;
  }

  /** Saves unsaved changes; false if some have to wait. */
  async settled(): Promise<boolean> {
    await this.retry();
    await this.saving;
    return this.overlay.peek().size === 0;
  }

  /** Saves unsaved changes now. */
  retry(): Promise<void> {
    clearTimeout(this.timer);
    return this.overlay.peek().size > 0 ? this.flush() : Promise.resolve();
  }

  /** Another person has signed in: nothing more is sent for the previous one. */
  abandon() {
    clearTimeout(this.timer);
    this.overlay.value = new Map();
    this.conflicts.value = new Map();
  }

  /** Replaces all warnings by those of a report on the range that is shown. */
  takeWarnings(warnings: readonly Warning[]) {
    this.warnings.value = withReport(this.warnings.peek(), warnings);
  }

  private put(pending: readonly Pending[]) {
    const overlay = new Map(this.overlay.peek());
    const conflicts = new Map(this.conflicts.peek());
    for (const each of pending) {
      const key = cellKey(each.user_id, each.date);
      const before = overlay.get(key);
      conflicts.delete(key);
      // Last, so that the server gets actions in the order in which they were made.
      overlay.delete(key);
      overlay.set(
        key,
        before
          ? {
              ...each,
              expected: [...before.expected, before.shift_id],
              baseRevision: Math.min(before.baseRevision, each.baseRevision),
            }
          : each,
      );
    }
    batch(() => {
      this.overlay.value = overlay;
      if (conflicts.size !== this.conflicts.peek().size) this.conflicts.value = conflicts;
    });
  }

  /** The server's value of a cell; undefined if it is not shown. */
  private valueOf({ user_id, date }: { user_id: number; date: PlainDate }): number | null | undefined {
    const column = this.columns.peek().get(date);
    const row = column === undefined ? undefined : this.people.peek().get(user_id);
    return row && (row.shiftIds[column ?? 0] ?? null);
  }

  private async flush(): Promise<void> {
    if (this.isSaving.peek()) return;
    this.saving = this.sendAll();
    await this.saving;
  }

  private async sendAll(): Promise<void> {
    clearTimeout(this.timer);
    this.isSaving.value = true;
    try {
      // One request at a time.
      for (let goesOn = false; this.overlay.peek().size > 0; ) {
        const sent = await this.sendSome(goesOn);
        if (sent === null) return;
        goesOn = sent === MAX_CHANGES_PER_REQUEST;
      }
    } finally {
      this.isSaving.value = false;
    }
  }

  /** Sends one team's changes, and returns how many. Null: the rest must wait. */
  private async sendSome(goesOn: boolean): Promise<number | null> {
    const [first] = this.overlay.peek().values();
    const teamId = first?.teamId ?? null;
    const ofTeam = [...this.overlay.peek().values()].filter((each) => each.teamId === teamId);
    this.setAsideConflicts(ofTeam.slice(0, MAX_CHANGES_PER_REQUEST), (each) => this.conflictOf(each));
    const sent = [...this.overlay.peek().values()]
      .filter((each) => each.teamId === teamId)
      .slice(0, MAX_CHANGES_PER_REQUEST);
    if (sent.length === 0) return 0;
    const base = this.base.peek();
    const revision = Math.min(
      ...sent.map((each) => (this.valueOf(each) === undefined ? each.baseRevision : base.revision)),
    );
    try {
      const saved = await this.save(sent.map(bare), revision, goesOn);
      if (saved.changed > 0) this.saves.set(teamId, this.savesOf(teamId) + 1);
      batch(() => {
        const mine = sent.map((each) => ({ ...bare(each), changed_by: null, at: null }));
        this.settle([...saved.missed, ...mine], revision, saved.revision, teamId);
        this.confirm(sent, saved.revision);
        this.warnings.value = withSaved(this.warnings.peek(), sent, saved.warnings);
        this.saveDelay.value = null;
      });
      this.staleAnswers = 0;
      return sent.length;
    } catch (error) {
      const theirs = changesIn(error);
      if (theirs && ++this.staleAnswers <= MAX_STALE_ANSWERS) {
        this.mergeAndCompare(theirs, sent, revision, teamId);
        return sent.length;
      }
      if (theirs || mayPass(error)) {
        this.retryLater(error);
        return null;
      }
      const refused = refusedOf(error, sent);
      this.overlay.value = without(this.overlay.peek(), refused);
      this.saveDelay.value = null;
      this.onRefused(error, refused);
      return sent.length;
    }
  }

  /** The conflict if the shown cell holds a value that the planner did not see when changing it. */
  private conflictOf(pending: Pending): Omit<Conflict, "mine" | "teamId"> | null {
    const value = this.valueOf(pending);
    if (value === undefined || !isUnexpected(pending, value)) return null;
    const known = this.knownCells.get(cellKey(pending.user_id, pending.date));
    const isKnownValue = known?.shift_id === value;
    return {
      user_id: pending.user_id,
      date: pending.date,
      theirs: value,
      changed_by: isKnownValue ? known.changed_by : null,
      at: isKnownValue ? known.at : null,
      revision: this.base.peek().revision,
    };
  }

  /** The server refused because others were faster: merges their changes; in cells that both changed they are conflicts. */
  private mergeAndCompare(
    { changes, revision }: { changes: CellChange[]; revision: number },
    sent: readonly Pending[],
    since: number,
    teamId: number | null,
  ) {
    const last = new Map(changes.map((change) => [cellKey(change.user_id, change.date), change]));
    batch(() => {
      this.settle(changes, since, revision, teamId);
      this.setAsideConflicts(sent, (each) => {
        const change = last.get(cellKey(each.user_id, each.date));
        if (!change || !isUnexpected(each, change.shift_id)) return null;
        const { user_id, date, shift_id: theirs, changed_by, at } = change;
        return { user_id, date, theirs, changed_by, at, revision };
      });
      const overlay = new Map(this.overlay.peek());
      for (const each of sent) {
        const key = cellKey(each.user_id, each.date);
        if (overlay.get(key) === each)
          overlay.set(key, { ...each, baseRevision: Math.max(each.baseRevision, revision) });
      }
      this.overlay.value = overlay;
    });
  }

  /** Reverts changes that are in conflict, for the planner to decide. */
  private setAsideConflicts(
    pending: readonly Pending[],
    find: (pending: Pending) => Omit<Conflict, "mine" | "teamId"> | null,
  ) {
    const found = pending.flatMap((each) => {
      const conflict = find(each);
      // A newer change of the same cell is what the planner wants now.
      const newest = this.overlay.peek().get(cellKey(each.user_id, each.date)) ?? each;
      return conflict ? [{ ...conflict, teamId: each.teamId, mine: newest.shift_id }] : [];
    });
    if (found.length === 0) return;
    const overlay = new Map(this.overlay.peek());
    const conflicts = new Map(this.conflicts.peek());
    for (const conflict of found) {
      const key = cellKey(conflict.user_id, conflict.date);
      overlay.delete(key);
      conflicts.set(key, conflict);
    }
    batch(() => {
      this.overlay.value = overlay;
      this.conflicts.value = conflicts;
    });
  }

  /** Merges changes between two revisions, unless something newer is known. */
  private settle(changes: readonly Settled[], since: number, revision: number, teamId: number | null) {
    for (const { user_id, date, shift_id, changed_by, at } of changes) {
      const key = cellKey(user_id, date);
      if ((this.knownCells.get(key)?.revision ?? -1) <= revision)
        this.knownCells.set(key, { shift_id, revision, changed_by, at });
    }
    const base = this.base.peek();
    if (base.teamId !== teamId || revision <= base.revision) return;
    const over = new Map(changes.map((change) => [cellKey(change.user_id, change.date), change]));
    const rows = withOverlay(base.rows, base.dates, over);
    // If they start after our revision, changes in between are missing: the cells are right, but our revision stays.
    this.base.value = { ...base, rows, revision: since <= base.revision ? revision : base.revision };
  }

  private confirm(sent: readonly Pending[], revision: number) {
    const overlay = new Map(this.overlay.peek());
    for (const each of sent) {
      const key = cellKey(each.user_id, each.date);
      const now = overlay.get(key);
      if (now === each) overlay.delete(key);
      else if (now) overlay.set(key, { ...now, expected: [each.shift_id], baseRevision: revision });
    }
    this.overlay.value = overlay;
  }

  private retryLater(error: unknown) {
    const attempt = (this.saveDelay.peek()?.attempt ?? -1) + 1;
    this.saveDelay.value = { error, attempt };
    this.staleAnswers = 0;
    // Signed out: opening the roster again retries.
    if (error instanceof Problem && error.status === 401) return;
    const retryAfter = error instanceof Problem ? error.retryAfterSeconds : null;
    const pause = retryAfter ? retryAfter * 1000 : waitBefore(attempt, Math.random());
    this.timer = setTimeout(() => void this.flush(), pause);
  }
}

const bare = ({ user_id, date, shift_id, action }: Change): Change => ({
  user_id,
  date,
  shift_id,
  ...(action && { action }),
});

const isUnexpected = (pending: Pending, value: number | null) =>
  value !== pending.shift_id && !pending.expected.includes(value);

/** Removes what was sent, except cells that were changed again since. */
function without(overlay: ReadonlyMap<string, Pending>, sent: readonly Pending[]) {
  const next = new Map(overlay);
  for (const each of sent) {
    const key = cellKey(each.user_id, each.date);
    if (next.get(key) === each) next.delete(key);
  }
  return next;
}

/**
 * What a refusal is about: everything of the people whom it names, or everywhere a shift that is gone; all of it if it names
 * nothing. The rest is sent again without that.
 */
function refusedOf(error: unknown, sent: readonly Pending[]): readonly Pending[] {
  const people = new Set<number>();
  const shifts = new Set<number | null>();
  for (const { code, loc } of error instanceof Problem ? error.errors : []) {
    const named = loc.length > 3 ? sent[Number(loc[2])] : undefined;
    if (!named) return sent;
    if (code === "unknown_shift") shifts.add(named.shift_id);
    else people.add(named.user_id);
  }
  const refused = sent.filter((each) => people.has(each.user_id) || shifts.has(each.shift_id));
  return refused.length > 0 ? refused : sent;
}

function changesIn(error: unknown): { changes: CellChange[]; revision: number } | null {
  if (!(error instanceof Problem) || error.code !== "roster_stale") return null;
  const { changes, revision } = error.extra;
  return Array.isArray(changes) && typeof revision === "number" ? { changes, revision } : null;
}
