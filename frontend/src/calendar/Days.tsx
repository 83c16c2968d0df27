import { datesOfMonth, monthOf, type PlainDate } from "../lib/dates";
import { formatDate, formatMonth } from "../lib/time";
import { dayMark } from "../roster/days";
import { formatPeriods } from "../shifts/periods";
import { ShiftBadge } from "../ui/ShiftBadge";
import type { CalendarDay, MonthProps } from "./month";
import { isAway, noteText } from "./notes";
import { t } from "./words";

/** The month as a list: the days that carry something, one line each; in the present month those that are over are folded. */
export function Days({ month, days, today, chosen, onChoose }: MonthProps) {
  const shown = datesOfMonth(month)
    .map((date) => days.get(date))
    .filter((day) => day !== undefined)
    .filter((day) => day.shift || day.notes.length > 0 || day.holiday || day.date === today);
  const over = monthOf(today) === month ? shown.filter((day) => day.date < today) : [];
  const row = (day: CalendarDay) => (
    <DayRow
      key={day.date}
      day={day}
      isToday={day.date === today}
      isOver={day.date < today}
      isChosen={day.date === chosen}
      onChoose={onChoose}
    />
  );
  return (
    <section aria-label={t("list_caption", { month: formatMonth(month) })}>
      {!shown.some((day) => day.shift) && (
        <p class="soft">{t("none_this_month", { month: formatMonth(month) })}</p>
      )}
      {over.length > 0 && (
        <details class="advanced over-days" open={over.some((day) => day.date === chosen)}>
          <summary>{t("over", { n: over.length })}</summary>
          <ol class="rows day-list">{over.map(row)}</ol>
        </details>
      )}
      <ol class="rows day-list">{shown.slice(over.length).map(row)}</ol>
    </section>
  );
}

interface DayRowProps {
  day: CalendarDay;
  isToday: boolean;
  isOver: boolean;
  isChosen: boolean;
  onChoose: (date: PlainDate) => void;
}

function DayRow({ day, isToday, isOver, isChosen, onChoose }: DayRowProps) {
  const { date, shift } = day;
  const mark = dayMark(day.kind);
  return (
    <li class={isOver ? "over" : ""}>
      <button
        type="button"
        class="row-link"
        aria-pressed={isChosen}
        aria-current={isToday ? "date" : undefined}
        onClick={() => onChoose(date)}
      >
        <span class="day-list-date figures">
          {formatDate(date)}
          {isToday && <b class="small"> {t("today")}</b>}
          {mark && (
            <span class={`day-mark ${mark}`}> {t(mark === "off" ? "daykind.off" : "daykind.on")}</span>
          )}
        </span>
        <span class="grow">
          {shift ? (
            <span class={isAway(day) ? "away" : ""}>
              <ShiftBadge shift={shift} name={shift.name} />{" "}
              {!shift.is_rest && <span class="figures soft">{formatPeriods(shift.periods)}</span>}
            </span>
          ) : (
            <span class="soft">{day.holiday || t("nothing")}</span>
          )}
          {day.notes.map((note) => (
            <span class="day-note" key={`${note.kind} ${note.id}`}>
              {noteText(note)}
            </span>
          ))}
        </span>
      </button>
    </li>
  );
}
