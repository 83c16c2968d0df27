import { useLayoutEffect, useRef } from "preact/hooks";
import { monthOf, type PlainDate, weeksOfMonth } from "../lib/dates";
import { formatFullDate, formatMonth } from "../lib/time";
import { WeekdayHead } from "../parts/WeekdayHead";
import { dayMark } from "../roster/days";
import { shiftClass } from "../ui/ShiftBadge";
import { type CalendarDay, dayFrom, type MonthProps } from "./month";
import { isAway, letterOf, noteText } from "./notes";
import { t } from "./words";

/** The month as a table: one day has the focus, the arrow keys move it. */
export function Month({ month, days, today, chosen, onChoose }: MonthProps) {
  const weeks = weeksOfMonth(month);
  const table = useRef<HTMLTableElement>(null);
  const followsFocus = useRef(false);

  useLayoutEffect(() => {
    if (followsFocus.current) table.current?.querySelector<HTMLElement>('button[tabindex="0"]')?.focus();
    followsFocus.current = false;
  });

  return (
    <table
      ref={table}
      class="month"
      onKeyDown={(event) => {
        const next = dayFrom(chosen, event.key);
        if (!next || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        followsFocus.current = true;
        onChoose(next);
      }}
    >
      <caption class="only-heard">{t("caption", { month: formatMonth(month) })}</caption>
      <WeekdayHead week={weeks[0]} />
      <tbody>
        {weeks.map((week) => (
          <tr key={week[0]}>
            {week.map((date) => (
              <DayCell
                key={date}
                day={days.get(date) ?? { date, kind: "", holiday: "", shift: undefined, notes: [] }}
                isOutside={monthOf(date) !== month}
                isToday={date === today}
                isChosen={date === chosen}
                onChoose={onChoose}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface DayCellProps {
  day: CalendarDay;
  isOutside: boolean;
  isToday: boolean;
  isChosen: boolean;
  onChoose: (date: PlainDate) => void;
}

function DayCell({ day, isOutside, isToday, isChosen, onChoose }: DayCellProps) {
  const mark = dayMark(day.kind);
  const isOff = day.kind === "weekend" || day.kind === "holiday";
  return (
    <td
      class={`${isOff ? "off" : ""}${isOutside ? " outside" : ""}${isToday ? " today" : ""}`}
      aria-current={isToday ? "date" : undefined}
    >
      <button
        type="button"
        tabIndex={isChosen ? 0 : -1}
        aria-pressed={isChosen}
        onClick={() => onChoose(day.date)}
      >
        <span class="only-heard">
          {[
            formatFullDate(day.date),
            day.holiday,
            mark === "on" ? t("daykind.on_word") : mark === "off" ? t("daykind.off_word") : "",
            day.shift?.name ?? t("nothing"),
            ...day.notes.map(noteText),
          ]
            .filter(Boolean)
            .join(t("list.comma"))}
        </span>
        <span class="month-date" aria-hidden="true">
          <span class="dom">{Number(day.date.slice(8))}</span>
          {mark && <span class={`day-mark ${mark}`}>{t(mark === "off" ? "daykind.off" : "daykind.on")}</span>}
        </span>
        {day.shift && (
          <span
            class={`month-shift ${shiftClass(day.shift)}${isAway(day) ? " away" : ""}`}
            aria-hidden="true"
          >
            <span class="only-narrow">{day.shift.code}</span>
            <span class="only-wide">{day.shift.name}</span>
          </span>
        )}
        {day.notes.length > 0 && (
          <span class="month-notes" aria-hidden="true">
            {day.notes.map((note) => (
              <span key={`${note.kind} ${note.id}`}>
                <span class="only-narrow">{letterOf(note)}</span>
                <span class="only-wide">{noteText(note)}</span>
              </span>
            ))}
          </span>
        )}
      </button>
    </td>
  );
}
