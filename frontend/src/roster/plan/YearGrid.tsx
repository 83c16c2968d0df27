import { useRef } from "preact/hooks";
import { listed } from "../../i18n";
import { monthOf, type PlainDate, weeksOfMonth } from "../../lib/dates";
import { holidayName } from "../../lib/holidays";
import { formatDateRange, formatFullDate, formatMonth, formatMonthDay } from "../../lib/time";
import { WeekdayHead } from "../../parts/WeekdayHead";
import { dayMark } from "../days";
import { t } from "./words";
import { type CalendarYear, dateBeside, holidaysOf, makeUpDaysOf } from "./year";

/** The year in two lines: days off and make-up days. */
export function YearSummary({ calendar }: { calendar: CalendarYear }) {
  const holidays = holidaysOf(calendar);
  const makeUp = makeUpDaysOf(calendar);
  return (
    <div class="year-summary">
      <p>
        <b>{t("days.off", { n: holidays.reduce((sum, each) => sum + each.days, 0) })}</b>{" "}
        {listed(holidays.map((each) => `${holidayName(each.name)} ${formatDateRange(each.from, each.to)}`))}
      </p>
      <p>
        <b>{t("days.makeup", { n: makeUp.length })}</b> {listed(makeUp.map(formatMonthDay))}
      </p>
    </div>
  );
}

interface YearProps {
  calendar: CalendarYear;
  chosen: PlainDate | null;
  onChoose: (date: PlainDate) => void;
}

/** Twelve months side by side; one stop for Tab, arrows inside. */
export function YearGrid({ calendar, chosen, onChoose }: YearProps) {
  const grid = useRef<HTMLDivElement>(null);
  const stop = chosen ?? `${calendar.year}-01-01`;
  const move = (event: KeyboardEvent, date: PlainDate) => {
    const next = dateBeside(date, event.key, calendar.year);
    if (!next) return;
    event.preventDefault();
    onChoose(next);
    grid.current?.querySelector<HTMLElement>(`[data-date="${next}"]`)?.focus();
  };
  const months = Array.from(
    { length: 12 },
    (_, index) => `${calendar.year}-${String(index + 1).padStart(2, "0")}`,
  );
  return (
    <div ref={grid} class="year">
      {months.map((month) => {
        const weeks = weeksOfMonth(month);
        return (
          <table key={month}>
            <caption>{formatMonth(month)}</caption>
            <WeekdayHead week={weeks[0]} />
            <tbody>
              {weeks.map((week) => (
                <tr key={week[0]}>
                  {week.map((date) => {
                    const day = calendar.days[date];
                    if (monthOf(date) !== month || !day) return <td key={date} />;
                    const mark = dayMark(day.kind);
                    return (
                      <td key={date}>
                        <button
                          type="button"
                          data-date={date}
                          class={`${day.kind} ${day.source === "override" ? "by-hand" : ""}`}
                          tabIndex={date === stop ? 0 : -1}
                          aria-pressed={date === chosen}
                          onClick={() => onChoose(date)}
                          onKeyDown={(event) => move(event, date)}
                        >
                          <span class="only-heard">
                            {[formatFullDate(date), t(`kind.${day.kind}`), holidayName(day.name)]
                              .filter(Boolean)
                              .join(t("list.comma"))}
                          </span>
                          <span aria-hidden="true">
                            {Number(date.slice(8))}
                            {mark && <small>{t(`mark.${mark}`)}</small>}
                          </span>
                        </button>
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        );
      })}
    </div>
  );
}
