import type { PlainDate } from "../../lib/dates";
import type { RosterRow } from "../cells";
import { rectOf } from "../selection";
import type { PersonShown } from "./cellLook";
import type { RosterGridProps } from "./props";
import { RowView } from "./RowView";
import type { RowRange } from "./rowWindow";

/** What the rows of the grid are drawn from. */
export interface RowsShown
  extends Pick<
    RosterGridProps,
    | "dates"
    | "rows"
    | "shifts"
    | "warnings"
    | "marks"
    | "drafts"
    | "notes"
    | "wishes"
    | "synced"
    | "selection"
  > {
  hasTotal: boolean;
  isMany: boolean;
  language: string;
}

/**
 * The drawn rows of the grid: only so many as are in view, and some more. One that has left the view is given to somebody who
 * comes into it. The row of the active cell stays with its person, because it holds the focus.
 */
export class RowPool {
  private readonly drawn = new Map<number, RowView>();
  private made = 0;
  /** The rows that nobody else gets. */
  private wanted: RowRange = { first: 0, last: 0 };
  private isSorted = true;
  private dates: readonly PlainDate[] = [];

  constructor(
    private readonly body: HTMLElement,
    private shown: RowsShown,
  ) {}

  has = (index: number) => this.drawn.has(index);

  /** Shows other people or days, or other things of them, in the rows that are drawn. */
  show(shown: RowsShown) {
    this.shown = shown;
    if (this.dates !== shown.dates && this.dates.join() !== shown.dates.join()) this.drop(() => true);
    this.dates = shown.dates;
    this.drop((index) => index >= shown.rows.length);
    for (const [index, view] of this.drawn) this.write(view, index);
    const active = shown.selection.head.row;
    if (active < shown.rows.length && !this.has(active)) this.draw([active]);
  }

  private drop(isGone: (index: number) => boolean) {
    for (const [index, view] of this.drawn)
      if (isGone(index)) {
        view.element.remove();
        this.drawn.delete(index);
        this.isSorted = false;
      }
  }

  /** Draws rows, in elements that are outside `wanted` if there are any. */
  draw(indices: readonly number[], wanted = this.wanted) {
    this.wanted = wanted;
    const active = this.shown.selection.head.row;
    const isWanted = (index: number) => (index >= wanted.first && index < wanted.last) || index === active;
    const free = [...this.drawn.values()].filter((view) => !isWanted(view.index));
    for (const index of indices) {
      const row = this.shown.rows[index];
      if (!row) continue;
      const view = this.takeLike(free, row) ?? this.add(index);
      this.write(view, index);
      this.drawn.set(index, view);
      this.isSorted = false;
    }
  }

  /** Takes the row that differs least, for there is less to write then: people of one crew look the same. */
  private takeLike(free: RowView[], row: RosterRow): RowView | undefined {
    const differences = free.map((view) => view.differences(row.shiftIds));
    const [view] = free.splice(differences.indexOf(Math.min(...differences)), 1);
    if (view) this.drawn.delete(view.index);
    return view;
  }

  /** A new row, at its place among the others. */
  private add(index: number): RowView {
    const view = new RowView(`roster-row-${this.made++}`, this.shown.dates, this.shown.hasTotal);
    let next: RowView | null = null;
    for (const other of this.drawn.values())
      if (other.index > index && (!next || other.index < next.index)) next = other;
    this.body.insertBefore(view.element, next?.element ?? null);
    return view;
  }

  private write(view: RowView, index: number) {
    const { rows, selection, isMany, language, ...of } = this.shown;
    const row = rows[index];
    if (!row) return;
    const person: PersonShown = {
      row,
      shifts: of.shifts,
      warnings: of.warnings.get(row.id),
      marks: of.marks.get(row.id),
      drafts: of.drafts.get(row.id),
      notes: of.notes.get(row.id),
      wishes: of.wishes.get(row.id),
      synced: of.synced.get(row.id),
    };
    if (view.index !== index || !view.shows(person, language)) view.show(index, person, language);
    const rect = rectOf(selection);
    view.select(isMany && index >= rect.top && index <= rect.bottom ? rect : null);
  }

  /** Tells screen readers the order of the rows, which is no more that of their elements. */
  sort() {
    if (this.isSorted) return;
    this.isSorted = true;
    const views = [...this.drawn.values()].sort((one, other) => one.index - other.index);
    const isInOrder = views.every(
      ({ element }, place) =>
        place === 0 ||
        (views[place - 1]?.element.compareDocumentPosition(element) ?? 0) & Node.DOCUMENT_POSITION_FOLLOWING,
    );
    if (isInOrder) this.body.removeAttribute("aria-owns");
    else this.body.setAttribute("aria-owns", views.map(({ element }) => element.id).join(" "));
  }
}
