import { Component } from "preact";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import type { PlainDate } from "../lib/dates";
import { weekdayOf } from "../lib/dates";
import { sayDateInFull, sayWeekdayShort } from "../lib/time";
import type { Shift } from "../shifts/useShifts";
import { shiftClass } from "../ui/ShiftBadge";
import { type Cell, keyOf, moved, type RosterRow, shiftTyped, visibleRows } from "./cells";
import { dayMark } from "./days";
import type { Warning } from "./draft";

export interface DayRead {
  kind: string;
  name: string;
}

interface RosterGridProps {
  caption: string;
  dates: PlainDate[];
  days: Record<PlainDate, DayRead>;
  today: PlainDate;
  rows: RosterRow[];
  shifts: Map<number, Shift>;
  warnings: ReadonlyMap<string, Warning>;
  totals: number[];
  totalsLabel: string;
  canEdit: boolean;
  /** A brush is chosen: pressing and dragging paints. */
  isBrushing: boolean;
  onPaint: (cells: Cell[]) => void;
  onSet: (cell: Cell, shiftId: number | null) => void;
  onOpen: (cell: Cell, at: HTMLElement) => void;
  onSwipe: (weeks: 1 | -1) => void;
}

/** Above this only the rows in sight are drawn. */
const WINDOW_FROM = 60;
const TYPING_PAUSE_MS = 700;
const SWIPE_PX = 60;

/** People × days. One table, one set of listeners; rows are drawn again only when they are other objects. */
export function RosterGrid(props: RosterGridProps) {
  const { dates, rows, days, today, shifts, canEdit, isBrushing } = props;
  const scroller = useRef<HTMLElement>(null);
  const active = useRef<Cell>({ row: 0, column: Math.max(0, dates.indexOf(today)) });
  const [span, setSpan] = useState({ first: 0, last: WINDOW_FROM });
  const [rowHeight, setRowHeight] = useState(36);
  const isWindowed = rows.length > WINDOW_FROM;
  const first = isWindowed ? Math.min(span.first, rows.length) : 0;
  const last = isWindowed ? Math.min(span.last, rows.length) : rows.length;

  const look = useCallback(() => {
    const box = scroller.current;
    if (!box || !isWindowed) return;
    const height = box.querySelector<HTMLElement>("tbody tr[data-row]")?.offsetHeight ?? 36;
    setRowHeight(height);
    const next = visibleRows(box.scrollTop, box.clientHeight, height, rows.length);
    setSpan((before) => (before.first === next.first && before.last === next.last ? before : next));
  }, [isWindowed, rows.length]);

  useLayoutEffect(look, [look]);
  useEffect(() => {
    addEventListener("resize", look);
    return () => removeEventListener("resize", look);
  }, [look]);

  const cellAt = useCallback(
    (cell: Cell) =>
      scroller.current?.querySelector<HTMLElement>(
        `tr[data-row="${cell.row}"] > td:nth-child(${cell.column + 2})`,
      ) ?? null,
    [],
  );

  /** One cell at a time is in the tab order. It is set on the element: no row is drawn again for it. */
  const activate = useCallback(
    (cell: Cell, withFocus: boolean) => {
      const before = scroller.current?.querySelector('td[tabindex="0"]');
      before?.setAttribute("tabindex", "-1");
      active.current = cell;
      const element = cellAt(cell);
      element?.setAttribute("tabindex", "0");
      if (withFocus) element?.focus();
      return element;
    },
    [cellAt],
  );

  useLayoutEffect(() => {
    if (!cellAt(active.current))
      active.current = { row: first, column: Math.min(active.current.column, dates.length - 1) };
    activate(active.current, false);
  });

  /** Brings a row into sight before it is asked for, because a windowed row does not exist until then. */
  function reveal(cell: Cell) {
    const box = scroller.current;
    if (box && isWindowed && !cellAt(cell)) {
      box.scrollTop = cell.row * rowHeight - box.clientHeight / 2;
      look();
      requestAnimationFrame(() => activate(cell, true));
      return;
    }
    activate(cell, true)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  const typed = useRef({ text: "", timer: 0 });

  function onKeyDown(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = cellOf(event.target);
    if (!here) return;
    const to = moved(here, event.key, rows.length, dates.length);
    if (to) {
      event.preventDefault();
      reveal(to);
      return;
    }
    if (!canEdit) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (isBrushing) props.onPaint([here]);
      else props.onOpen(here, event.target as HTMLElement);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      props.onSet(here, null);
    } else if (event.key.length === 1) {
      event.preventDefault();
      type(event.key, here);
    }
  }

  function type(letter: string, here: Cell) {
    clearTimeout(typed.current.timer);
    const all = [...shifts.values()];
    const text = typed.current.text + letter;
    const longer = shiftTyped(all, text);
    const found = longer.shift || !longer.isFinal ? longer : shiftTyped(all, letter);
    typed.current.text = longer.shift || !longer.isFinal ? text : letter;
    if (found.shift) props.onSet(here, found.shift.id);
    const forget = () => {
      typed.current.text = "";
    };
    if (found.isFinal) forget();
    else typed.current.timer = setTimeout(forget, TYPING_PAUSE_MS) as unknown as number;
  }

  const stroke = useRef<{ cells: Map<string, Cell>; painting: boolean; x: number; y: number } | null>(null);

  function onPointerDown(event: PointerEvent) {
    if (event.button !== 0) return;
    const here = cellOf(event.target);
    stroke.current = {
      cells: new Map(),
      painting: isBrushing && canEdit && here !== null,
      x: event.clientX,
      y: event.clientY,
    };
    if (here && stroke.current.painting) addToStroke(here);
  }

  function addToStroke(cell: Cell) {
    const key = `${cell.row} ${cell.column}`;
    if (stroke.current?.cells.has(key)) return;
    stroke.current?.cells.set(key, cell);
    cellAt(cell)?.classList.add("painted");
  }

  function onPointerMove(event: PointerEvent) {
    if (!stroke.current?.painting) return;
    const here = cellOf(document.elementFromPoint(event.clientX, event.clientY));
    if (here) addToStroke(here);
  }

  function endStroke(event: PointerEvent) {
    const ended = stroke.current;
    stroke.current = null;
    if (!ended) return;
    for (const cell of ended.cells.values()) cellAt(cell)?.classList.remove("painted");
    if (event.type === "pointercancel") return;
    if (ended.painting) {
      const cells = [...ended.cells.values()];
      if (cells.length > 0) props.onPaint(cells);
      const lastCell = cells.at(-1);
      if (lastCell) activate(lastCell, true);
      return;
    }
    const dx = event.clientX - ended.x;
    if (
      event.pointerType !== "mouse" &&
      Math.abs(dx) > SWIPE_PX &&
      Math.abs(dx) > 2 * Math.abs(event.clientY - ended.y)
    ) {
      props.onSwipe(dx < 0 ? 1 : -1);
      return;
    }
    const here = cellOf(event.target);
    if (!here || Math.abs(dx) > 8 || Math.abs(event.clientY - ended.y) > 8) return;
    const element = activate(here, true);
    if (canEdit && element) props.onOpen(here, element);
  }

  return (
    <section
      ref={scroller}
      class={`roster-scroll${isBrushing ? " brushing" : ""}`}
      aria-label={props.caption}
      onScroll={look}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={endStroke}
      onPointerCancel={endStroke}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose cells are moved in by arrow keys is a grid. */}
      <table class="roster" role="grid" aria-rowcount={rows.length + 2} aria-readonly={!canEdit}>
        <caption class="only-heard">{props.caption}</caption>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" class="corner">
              <span class="only-heard">{t("roster.person")}</span>
            </th>
            {dates.map((date) => (
              <DayHead key={date} date={date} day={days[date]} isToday={date === today} />
            ))}
          </tr>
        </thead>
        <tbody>
          {first > 0 && <Spacer key="above" height={first * rowHeight} columns={dates.length + 1} />}
          {rows.slice(first, last).map((row, index) => (
            <Row
              key={row.id}
              row={row}
              index={first + index}
              dates={dates}
              days={days}
              today={today}
              shifts={shifts}
              warnings={props.warnings}
            />
          ))}
          {last < rows.length && (
            <Spacer key="below" height={(rows.length - last) * rowHeight} columns={dates.length + 1} />
          )}
        </tbody>
        <tfoot>
          <tr aria-rowindex={rows.length + 2}>
            <th scope="row">{props.totalsLabel}</th>
            {props.totals.map((total, index) => (
              <td key={dates[index]} class={total === 0 ? "none" : ""}>
                {total}
              </td>
            ))}
          </tr>
        </tfoot>
      </table>
    </section>
  );
}

function Spacer({ height, columns }: { height: number; columns: number }) {
  return (
    <tr>
      <td colSpan={columns} class="spacer" style={{ height: `${height}px` }} />
    </tr>
  );
}

function dayClass(date: PlainDate, day: DayRead | undefined, today: PlainDate): string {
  const isOff = day ? day.kind === "weekend" || day.kind === "holiday" : weekdayOf(date) > 4;
  return `${isOff ? "off" : ""}${date === today ? " today" : ""}`;
}

function DayHead({ date, day, isToday }: { date: PlainDate; day: DayRead | undefined; isToday: boolean }) {
  const mark = dayMark(day?.kind);
  return (
    <th
      scope="col"
      class={dayClass(date, day, isToday ? date : "")}
      aria-current={isToday ? "date" : undefined}
    >
      <span class="only-heard">
        {sayDateInFull(date)} {day?.name}
      </span>
      <span aria-hidden="true" title={day?.name || undefined}>
        <span class="dow">{sayWeekdayShort(date)}</span>
        <span class="dom">{Number(date.slice(8))}</span>
        <span class={`day-mark ${mark ?? ""}`}>
          {mark && t(mark === "off" ? "daykind.off" : "daykind.on")}
        </span>
      </span>
    </th>
  );
}

interface RowProps {
  row: RosterRow;
  index: number;
  dates: PlainDate[];
  days: Record<PlainDate, DayRead>;
  today: PlainDate;
  shifts: Map<number, Shift>;
  warnings: ReadonlyMap<string, Warning>;
}

/** A person's line. Two hundred of them are on the page, so each looks first whether anything of its own changed. */
class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps) {
    return (Object.keys(next) as (keyof RowProps)[]).some((name) => next[name] !== this.props[name]);
  }

  override render({ row, index, dates, days, today, shifts, warnings }: RowProps) {
    return (
      <tr data-row={index} aria-rowindex={index + 2}>
        <th scope="row" title={row.name}>
          <span>{row.name}</span>
        </th>
        {dates.map((date, column) => {
          const id = row.shiftIds[column] ?? null;
          const shift = id === null ? undefined : shifts.get(id);
          const warning = warnings.size > 0 ? warnings.get(keyOf(row.id, date)) : undefined;
          return (
            <td
              key={date}
              tabIndex={-1}
              class={`${dayClass(date, days[date], today)}${warning ? " warned" : ""}`}
              title={warning?.detail}
            >
              {shift && (
                <span class={`cell ${shiftClass(shift)}`}>
                  <span aria-hidden="true">{shift.code}</span>
                  <span class="only-heard">{shift.name}</span>
                </span>
              )}
              {warning && <span class="only-heard">{warning.detail}</span>}
            </td>
          );
        })}
      </tr>
    );
  }
}

function cellOf(target: EventTarget | null): Cell | null {
  const cell = (target as Element | null)?.closest?.("td");
  const row = cell?.closest<HTMLElement>("tr[data-row]");
  return cell && row ? { row: Number(row.dataset.row), column: cell.cellIndex - 1 } : null;
}
