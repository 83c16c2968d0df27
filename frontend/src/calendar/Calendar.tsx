import { useLayoutEffect, useRef } from "preact/hooks";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { me } from "../api/session";
import { t } from "../i18n";
import { addDays, addMonths, mondayOf, monthOf, type PlainDate, weeksOfMonth } from "../lib/dates";
import { now } from "../lib/now";
import { place, stay } from "../lib/router";
import { dateOf, sayDate, sayDateInFull, sayDay, sayMonth, sayWeekdayShort } from "../lib/time";
import { dayMark } from "../roster/days";
import { sayPeriods } from "../shifts/periods";
import { byId, type Shift, useShifts } from "../shifts/useShifts";
import { IconButton } from "../ui/Button";
import { Loaded } from "../ui/EmptyState";
import { Page } from "../ui/Page";
import { ShiftBadge, shiftClass } from "../ui/ShiftBadge";
import { DayReminders } from "./DayReminders";
import "./calendar.css";

type Answer = components["schemas"]["Roster"];

export interface CalendarDay {
  date: PlainDate;
  kind: string;
  holiday: string;
  shift: Shift | undefined;
}

/** My month by date, from the roster's answer for me alone. */
export function daysFrom(answer: Answer, shifts: Map<number, Shift>): Map<PlainDate, CalendarDay> {
  const mine = answer.users[0]?.shift_ids ?? [];
  return new Map(
    answer.dates.map((date, index) => {
      const id = mine[index];
      const day = answer.days[date];
      return [
        date,
        {
          date,
          kind: day?.kind ?? "",
          holiday: day?.name ?? "",
          shift: typeof id === "number" ? shifts.get(id) : undefined,
        },
      ];
    }),
  );
}

/** Where a key leads from a day. */
export function dayFrom(date: PlainDate, key: string): PlainDate | null {
  switch (key) {
    case "ArrowLeft":
      return addDays(date, -1);
    case "ArrowRight":
      return addDays(date, 1);
    case "ArrowUp":
      return addDays(date, -7);
    case "ArrowDown":
      return addDays(date, 7);
    case "Home":
      return mondayOf(date);
    case "End":
      return addDays(mondayOf(date), 6);
    case "PageUp":
    case "PageDown": {
      const month = addMonths(monthOf(date), key === "PageUp" ? -1 : 1);
      const same = `${month}${date.slice(7)}`;
      return monthOf(addDays(`${month}-01`, Number(date.slice(8)) - 1)) === month
        ? same
        : addDays(`${addMonths(month, 1)}-01`, -1);
    }
    default:
      return null;
  }
}

export function Calendar() {
  const today = dateOf(now.value);
  const chosen = place.value.query.get("day") ?? today;
  const month = monthOf(chosen);
  const weeks = weeksOfMonth(month);
  const from = weeks[0]?.[0] ?? chosen;
  const to = weeks.at(-1)?.at(-1) ?? chosen;
  const shifts = useShifts();
  const userId = me.value?.id ?? 0;
  const roster = useResource(
    `${from} ${to}`,
    () => api.get("/api/v1/roster", { query: { from, to, user_id: userId } }),
    ["roster"],
  );
  const table = useRef<HTMLTableElement>(null);
  const followsFocus = useRef(false);

  useLayoutEffect(() => {
    if (followsFocus.current) table.current?.querySelector<HTMLElement>('button[tabindex="0"]')?.focus();
    followsFocus.current = false;
  });

  const choose = (day: PlainDate) => stay({ day: day === today ? null : day });
  const turn = (months: number) => {
    const next = addMonths(month, months);
    choose(monthOf(today) === next ? today : `${next}-01`);
  };

  return (
    <Page
      title={sayMonth(month)}
      class="calendar-page"
      actions={
        <>
          {month !== monthOf(today) && (
            <button type="button" class="button quiet" onClick={() => choose(today)}>
              {t("day.today")}
            </button>
          )}
          <IconButton icon="back" label={t("nav.month_before")} onClick={() => turn(-1)} />
          <IconButton icon="forward" label={t("nav.month_after")} onClick={() => turn(1)} />
        </>
      }
    >
      <Loaded from={roster}>
        {(answer) => {
          const days = daysFrom(answer, byId(shifts.value));
          const day = days.get(chosen);
          return (
            <div class="calendar-split">
              <table
                ref={table}
                class="month"
                onKeyDown={(event) => {
                  const next = dayFrom(chosen, event.key);
                  if (!next || event.ctrlKey || event.metaKey || event.altKey) return;
                  event.preventDefault();
                  followsFocus.current = true;
                  choose(next);
                }}
              >
                <caption class="only-heard">{t("calendar.caption", { month: sayMonth(month) })}</caption>
                <thead>
                  <tr>
                    {(weeks[0] ?? []).map((date) => (
                      <th scope="col" key={date}>
                        {sayWeekdayShort(date)}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {weeks.map((week) => (
                    <tr key={week[0]}>
                      {week.map((date) => (
                        <DayCell
                          key={date}
                          day={days.get(date) ?? { date, kind: "", holiday: "", shift: undefined }}
                          isOutside={monthOf(date) !== month}
                          isToday={date === today}
                          isChosen={date === chosen}
                          onChoose={choose}
                        />
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
              <section class="chosen-day" aria-live="polite">
                <h2>
                  {sayDay(chosen, today) === sayDate(chosen) ? "" : `${sayDay(chosen, today)} `}
                  <span class="soft">{sayDate(chosen)}</span>
                </h2>
                {day?.holiday && (
                  <p class="soft">
                    {day.kind === "makeup_workday"
                      ? t("calendar.makeup", { name: day.holiday })
                      : day.holiday}
                  </p>
                )}
                {day?.shift ? (
                  <>
                    <p class="lead">
                      <ShiftBadge shift={day.shift} name={day.shift.name} />
                    </p>
                    <p class="figures">
                      {day.shift.is_rest ? t("shift.rest") : sayPeriods(day.shift.periods)}
                    </p>
                    {!day.shift.is_rest && <DayReminders date={chosen} userId={userId} />}
                  </>
                ) : (
                  <p class="soft">{t("calendar.nothing")}</p>
                )}
              </section>
            </div>
          );
        }}
      </Loaded>
    </Page>
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
            sayDateInFull(day.date),
            day.holiday,
            mark === "on" ? t("daykind.on_word") : mark === "off" ? t("daykind.off_word") : "",
            day.shift?.name ?? t("calendar.nothing"),
          ]
            .filter(Boolean)
            .join(t("list.comma"))}
        </span>
        <span class="month-date" aria-hidden="true">
          <span class="dom">{Number(day.date.slice(8))}</span>
          {mark && <span class={`day-mark ${mark}`}>{t(mark === "off" ? "daykind.off" : "daykind.on")}</span>}
        </span>
        {day.shift && (
          <span class={`month-shift ${shiftClass(day.shift)}`} aria-hidden="true">
            <span class="only-narrow">{day.shift.code}</span>
            <span class="only-wide">{day.shift.name}</span>
          </span>
        )}
      </button>
    </td>
  );
}
