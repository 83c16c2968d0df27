import { Component } from "preact";
import { useState } from "preact/hooks";
import { type PlainDate, weekdayOf } from "../lib/dates";
import { formatFullDate, formatWeekdayNarrow } from "../lib/time";
import type { Shift } from "../shifts/useShifts";
import { shiftClass } from "../ui/ShiftBadge";
import type { RosterRow } from "./cells";
import { type Covered, isAway, type MarksOf, missing } from "./coverage";
import { dayMark } from "./days";
import type { WarningsOf } from "./draft";
import { isOfCell, letterOf, markText, warningText } from "./notes";
import { t } from "./words";

export interface DayRead {
  kind: string;
  name: string;
}

export function Spacer({ height, columns }: { height: number; columns: number }) {
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

export function DayHead({
  date,
  day,
  isToday,
}: {
  date: PlainDate;
  day: DayRead | undefined;
  isToday: boolean;
}) {
  const mark = dayMark(day?.kind);
  return (
    <th
      scope="col"
      class={dayClass(date, day, isToday ? date : "")}
      aria-current={isToday ? "date" : undefined}
    >
      <span class="only-heard">
        {formatFullDate(date)} {day?.name}
      </span>
      <span aria-hidden="true" title={day?.name || undefined}>
        <span class="dow">{formatWeekdayNarrow(date)}</span>
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
  warnings: WarningsOf | undefined;
  marks: MarksOf | undefined;
}

/** A person's line. Two hundred of them are on the page, so each looks first whether anything of its own changed. */
export class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps) {
    return (Object.keys(next) as (keyof RowProps)[]).some((name) => next[name] !== this.props[name]);
  }

  override render({ row, index, dates, days, today, shifts, warnings, marks }: RowProps) {
    return (
      <tr data-row={index} aria-rowindex={index + 2}>
        <th scope="row" title={row.name}>
          <span>{row.name}</span>
        </th>
        {dates.map((date, column) => {
          const id = row.shiftIds[column] ?? null;
          const shift = id === null ? undefined : shifts.get(id);
          const warned = warnings?.get(date)?.filter(isOfCell) ?? [];
          const marked = marks?.get(date) ?? [];
          const [mark] = marked;
          const heard = [
            ...(shift ? [shift.name] : []),
            ...marked.map(markText),
            ...warned.map(warningText),
          ].join("; ");
          return (
            <td
              key={date}
              tabIndex={-1}
              class={`${dayClass(date, days[date], today)}${warned.length > 0 ? " warned" : ""}${isAway(marked) ? " away" : ""}`}
            >
              {heard && (
                <span class={`cell ${shift ? shiftClass(shift) : ""}`} role="img" aria-label={heard}>
                  {shift?.code}
                </span>
              )}
              {mark && (
                <span class="cell-mark" aria-hidden="true">
                  {letterOf(mark)}
                </span>
              )}
            </td>
          );
        })}
      </tr>
    );
  }
}

interface CoverageRowsProps {
  dates: PlainDate[];
  shifts: Map<number, Shift>;
  totals: number[];
  totalsLabel: string;
  covered: ReadonlyMap<number, Covered[]>;
  firstIndex: number;
}

/** The foot: people a day, and against what the team needs; opened, shift by shift. */
export function CoverageRows({ dates, shifts, totals, totalsLabel, covered, firstIndex }: CoverageRowsProps) {
  const [isOpen, setOpen] = useState(false);
  const known = [...covered].flatMap(([id, days]) => {
    const shift = shifts.get(id);
    return shift ? [{ shift, days }] : [];
  });
  return (
    <tfoot>
      {isOpen &&
        known.map(({ shift, days }, index) => (
          <tr key={shift.id} aria-rowindex={firstIndex + index}>
            <th scope="row">{shift.name}</th>
            {days.map((day, column) => (
              <CoverageCell key={dates[column]} shift={shift} day={day} />
            ))}
          </tr>
        ))}
      <tr aria-rowindex={firstIndex + known.length}>
        <th scope="row">
          {known.length > 0 ? (
            <button
              type="button"
              class="coverage-toggle"
              aria-expanded={isOpen}
              aria-label={`${totalsLabel}, ${t("coverage")}`}
              onClick={() => setOpen(!isOpen)}
            >
              {totalsLabel}
            </button>
          ) : (
            totalsLabel
          )}
        </th>
        {totals.map((total, column) => {
          const lacking = known.flatMap(({ shift, days }) => {
            const day = days[column];
            const n = day ? missing(day) : 0;
            return n > 0 ? [{ shift, n, ...day }] : [];
          });
          const n = lacking.reduce((sum, each) => sum + each.n, 0);
          return (
            <td key={dates[column]} class={total === 0 && n === 0 ? "none" : ""}>
              {total}
              {n > 0 && (
                <span
                  class="short"
                  title={lacking
                    .map(({ shift, n, planned = 0, needed = 0 }) =>
                      t("short_of", { shift: shift.name, n, planned, needed: needed ?? 0 }),
                    )
                    .join("\n")}
                >
                  <span aria-hidden="true">▼{n}</span>
                  <span class="only-heard">{t("short", { n })}</span>
                </span>
              )}
            </td>
          );
        })}
      </tr>
    </tfoot>
  );
}

function CoverageCell({ shift, day }: { shift: Shift; day: Covered }) {
  if (day.needed === null) return <td class="none">{day.planned}</td>;
  const n = missing(day);
  return (
    <td class={n > 0 ? "lacking" : ""}>
      <span aria-hidden="true">
        {n > 0 ? "▼" : ""}
        {day.planned}/{day.needed}
      </span>
      <span class="only-heard">
        {t("covered", { shift: shift.name, planned: day.planned, needed: day.needed })}
      </span>
    </td>
  );
}
