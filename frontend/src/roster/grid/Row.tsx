import { Component } from "preact";
import { type PlainDate, weekdayOf } from "../../lib/dates";
import { formatFullDate, formatWeekdayNarrow } from "../../lib/time";
import type { Shift } from "../../shifts/useShifts";
import { shiftClass } from "../../ui/ShiftBadge";
import { isMet, type WishesByDate } from "../../wishes/wish";
import type { RosterRow } from "../cells";
import { isAway, type MarksByDate, totalOf } from "../coverage";
import { dayMark } from "../days";
import type { DraftsByDate } from "../drafts/drafts";
import {
  draftNotes,
  isOfCell,
  markLetter,
  markText,
  type NotesByDate,
  noteText,
  type SyncedByDate,
  syncedNotes,
  warningText,
  wishNotes,
} from "../notes";
import type { WarningsByDate } from "../warnings";
import { t } from "../words";
import type { DayRead, RosterGridProps } from "./props";

function dayClass(date: PlainDate, day: DayRead | undefined, today: PlainDate): string {
  const isOff = day ? day.kind === "weekend" || day.kind === "holiday" : weekdayOf(date) > 4;
  return `${isOff ? "off" : ""}${date === today ? " today" : ""}`;
}

interface DayHeadProps {
  date: PlainDate;
  day: DayRead | undefined;
  isToday: boolean;
}

export function DayHead({ date, day, isToday }: DayHeadProps) {
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

const RowTotal = ({ days, hours }: { days: number; hours: number }) => (
  <td class="row-total">
    <span class="only-heard">{t("row_total_heard", { days, hours })}</span>
    <span aria-hidden="true">{t("row_days", { n: days })}</span>
    <span aria-hidden="true">{t("row_hours", { n: hours })}</span>
  </td>
);

/** A day of the grid, and the classes that all its cells have. */
export interface Column {
  date: PlainDate;
  class: string;
}

/** The days of the grid, made once for all rows. */
export const columnsOf = (
  dates: readonly PlainDate[],
  days: Record<PlainDate, DayRead>,
  today: PlainDate,
): Column[] => dates.map((date) => ({ date, class: dayClass(date, days[date], today) }));

interface RowProps extends Pick<RosterGridProps, "shifts"> {
  row: RosterRow;
  index: number;
  columns: readonly Column[];
  warnings: WarningsByDate | undefined;
  marks: MarksByDate | undefined;
  drafts: DraftsByDate | undefined;
  notes: NotesByDate | undefined;
  wishes: WishesByDate | undefined;
  synced: SyncedByDate | undefined;
  /** How much it is in all stands at the end. */
  hasTotal: boolean;
}

/** One person. There may be hundreds on the page, so a row is rendered again only when one of its props is another object. */
export class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps) {
    return (Object.keys(next) as (keyof RowProps)[]).some((name) => next[name] !== this.props[name]);
  }

  override render({
    row,
    index,
    columns,
    shifts,
    warnings,
    marks,
    drafts,
    notes,
    wishes,
    synced,
    hasTotal,
  }: RowProps) {
    const isPlain = !(warnings || marks || drafts || notes || wishes || synced);
    return (
      <tr data-row={index} aria-rowindex={index + 2} style={{ "--index": index }}>
        <th scope="row" title={row.name}>
          <span>{row.name}</span>
        </th>
        {columns.map((column, place) => {
          const { date } = column;
          const id = row.shiftIds[place] ?? null;
          const shift = id === null ? undefined : shifts.get(id);
          if (isPlain)
            return (
              <td key={date} tabIndex={-1} class={column.class}>
                {shift && cellBody(shift, shift.name)}
              </td>
            );
          const warned = warnings?.get(date)?.filter(isOfCell) ?? [];
          const marked = marks?.get(date) ?? [];
          const [mark] = marked;
          const note = notes?.get(date);
          const wish = wishes?.get(date);
          const there = drafts?.get(date);
          // What has just been set back to what is published is no draft, also before it is saved.
          const draft = there && there.published_shift_id !== id ? there : undefined;
          const published = draft?.published_shift_id ? shifts.get(draft.published_shift_id) : undefined;
          const label = [
            ...(shift ? [shift.name] : []),
            ...noteText(note),
            ...wishNotes(wish, shifts),
            ...draftNotes(draft, shifts),
            ...syncedNotes(synced?.has(date)),
            ...marked.map(markText),
            ...warned.map(warningText),
          ].join("; ");
          const has = [
            column.class,
            warned.length > 0 && "warned",
            mark && "marked",
            isAway(marked) && "away",
            draft && "drafted",
            note && "noted",
            wish && "wished",
            synced?.has(date) && "synced",
          ];
          return (
            <td key={date} tabIndex={-1} class={has.filter(Boolean).join(" ")}>
              {label && cellBody(shift, label)}
              {wish && <span class={`cell-wish${isMet(wish, shift) ? " met" : ""}`} aria-hidden="true" />}
              {published && (
                <span class="cell-published" aria-hidden="true">
                  {published.code}
                </span>
              )}
              {mark && (
                <span class="cell-mark" aria-hidden="true">
                  {markLetter(mark)}
                </span>
              )}
            </td>
          );
        })}
        {hasTotal && (
          <RowTotal
            {...totalOf(row.shiftIds, shifts, (place) => isAway(marks?.get(columns[place]?.date ?? "")))}
          />
        )}
      </tr>
    );
  }
}

/** A function, not a component: a row has dozens of them. */
const cellBody = (shift: Shift | undefined, label: string) => (
  <span class={`cell ${shift ? shiftClass(shift) : ""}`} role="img" aria-label={label}>
    {shift?.code}
  </span>
);
