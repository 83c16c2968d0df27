import type { PlainDate } from "../../lib/dates";
import type { RosterRow } from "../cells";
import { isAway, totalOf } from "../coverage";
import { t } from "../words";
import { type CellLook, cellLooks, EMPTY, type PersonShown } from "./cellLook";

/** Columns that are selected in a row, both ends included. */
export interface ColumnRange {
  left: number;
  right: number;
}

/** So many letters fit into two lines on any screen; each Chinese character takes the place of two. */
const SHORT_NAME = 8;
const isLong = (name: string) =>
  name.length > SHORT_NAME / 2 && name.replace(/[^\0-\u02ff]/g, "  ").length > SHORT_NAME;

/** A row of the grid: laid out once, then given to one person after the other, whose differences alone are written. */
export class RowView {
  readonly element = document.createElement("tr");
  /** Whose row it is, by place. */
  index = -1;
  private person: PersonShown | null = null;
  private language = "";
  private selected: ColumnRange | null = null;
  private readonly head = document.createElement("th");
  private readonly name = document.createTextNode("");
  private readonly days: DayView[];
  private readonly total: TotalView | null;

  constructor(
    id: string,
    private readonly dates: readonly PlainDate[],
    hasTotal: boolean,
  ) {
    this.element.id = id;
    this.element.className = "person";
    this.head.scope = "row";
    this.head.appendChild(document.createElement("span")).append(this.name);
    this.days = dates.map(() => new DayView());
    this.total = hasTotal ? new TotalView() : null;
    this.element.append(this.head, ...this.days.map((day) => day.element));
    if (this.total) this.element.append(this.total.element);
  }

  /** Whether this is what the row shows already. */
  shows(person: PersonShown, language: string): boolean {
    const before = this.person;
    return (
      before !== null &&
      this.language === language &&
      (Object.keys(person) as (keyof PersonShown)[]).every((part) => before[part] === person[part])
    );
  }

  /** In how many cells somebody has another shift than the one who is shown. */
  differences(shiftIds: RosterRow["shiftIds"]): number {
    const own = this.person?.row.shiftIds ?? [];
    return shiftIds.reduce<number>((sum, id, column) => sum + (id === own[column] ? 0 : 1), 0);
  }

  show(index: number, person: PersonShown, language: string) {
    if (index !== this.index) this.moveTo(index);
    const { row, shifts, marks } = person;
    if (row.name !== this.person?.row.name) {
      this.name.data = row.name;
      this.head.title = row.name;
      // Only these can need a third line, which has to be clipped: a row with something clipped in it costs more to paint.
      if (this.head.classList.contains("long") !== isLong(row.name)) this.head.classList.toggle("long");
    }
    this.person = person;
    this.language = language;
    cellLooks(person, this.dates).forEach((look, column) => {
      this.days[column]?.show(look);
    });
    if (!this.total) return;
    const { days, hours } = totalOf(row.shiftIds, shifts, (column) =>
      isAway(marks?.get(this.dates[column] ?? "")),
    );
    this.total.show(days, hours, language);
  }

  private moveTo(index: number) {
    this.index = index;
    this.element.dataset.row = `${index}`;
    this.element.setAttribute("aria-rowindex", `${index + 2}`);
    this.element.style.transform = `translateY(calc(var(--row) * ${index}))`;
    // A stroke of the brush marks cells by a class of its own, which must not go on to somebody else.
    for (const cell of this.element.querySelectorAll(".painted")) cell.classList.remove("painted");
  }

  select(columns: ColumnRange | null) {
    if (columns?.left === this.selected?.left && columns?.right === this.selected?.right) return;
    this.selected = columns;
    this.days.forEach(({ element }, column) => {
      const isSelected = columns !== null && column >= columns.left && column <= columns.right;
      if (isSelected) element.setAttribute("aria-selected", "true");
      else element.removeAttribute("aria-selected");
    });
  }
}

/** One day of a row. */
class DayView {
  readonly element = document.createElement("td");
  private readonly body = document.createElement("span");
  private readonly code = document.createTextNode("");
  private readonly corners: HTMLElement[] = [];
  private look = EMPTY;

  constructor() {
    this.element.tabIndex = -1;
    this.body.append(this.code);
    this.element.append(this.body);
  }

  show(look: CellLook) {
    const before = this.look;
    if (look === before) return;
    this.look = look;
    if (look.cell !== before.cell) this.element.className = look.cell;
    if (look.shift !== before.shift || !look.label !== !before.label)
      this.body.className = look.label && `cell ${look.shift}`;
    if (look.code !== before.code) this.code.data = look.code;
    if (look.label !== before.label) this.name(look.label, before.label === "");
    if (look.wish !== before.wish || look.published !== before.published || look.mark !== before.mark)
      this.mark(look);
  }

  private name(label: string, isFirst: boolean) {
    if (label === "") {
      this.body.removeAttribute("role");
      this.body.removeAttribute("aria-label");
      return;
    }
    if (isFirst) this.body.setAttribute("role", "img");
    this.body.setAttribute("aria-label", label);
  }

  private mark({ wish, published, mark }: CellLook) {
    for (const corner of this.corners.splice(0)) corner.remove();
    if (wish) this.addCorner(`cell-wish ${wish}`, "");
    if (published) this.addCorner("cell-published", published);
    if (mark) this.addCorner("cell-mark", mark);
    this.body.after(...this.corners);
  }

  private addCorner(name: string, text: string) {
    const corner = document.createElement("span");
    corner.className = name;
    corner.setAttribute("aria-hidden", "true");
    corner.textContent = text;
    this.corners.push(corner);
  }
}

/**
 * How much somebody works. What is only heard is a label, not clipped text: a row with something clipped in it would be painted
 * again whenever the browser paints another part of the grid.
 */
class TotalView {
  readonly element = document.createElement("td");
  private readonly seen = document.createElement("span");
  private readonly lines = document.createTextNode("");
  private shown = "";

  constructor() {
    this.element.className = "row-total";
    this.element.append(this.seen);
    this.seen.setAttribute("role", "img");
    this.seen.append(this.lines);
  }

  show(days: number, hours: number, language: string) {
    const shown = `${days} ${hours} ${language}`;
    if (shown === this.shown) return;
    this.shown = shown;
    this.lines.data = `${t("row_days", { n: days })}\n${t("row_hours", { n: hours })}`;
    this.seen.setAttribute("aria-label", t("row_total_heard", { days, hours }));
  }
}
