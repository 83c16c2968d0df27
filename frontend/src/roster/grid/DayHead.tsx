import { type PlainDate, weekdayOf } from "../../lib/dates";
import { holidayName } from "../../lib/holidays";
import { formatFullDate, formatWeekdayNarrow } from "../../lib/time";
import { dayMark } from "../days";
import { t } from "../words";
import type { DayRead } from "./props";

/** The class of a day, in its head and in the column that lies below the cells. */
export function dayClass(date: PlainDate, day: DayRead | undefined, today: PlainDate): string {
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
  const holiday = holidayName(day?.name ?? "");
  return (
    <th
      scope="col"
      class={dayClass(date, day, isToday ? date : "")}
      aria-current={isToday ? "date" : undefined}
    >
      <span class="only-heard">
        {formatFullDate(date)} {holiday}
      </span>
      <span aria-hidden="true" title={holiday || undefined}>
        <span class="dow">{formatWeekdayNarrow(date)}</span>
        <span class="dom">{Number(date.slice(8))}</span>
        <span class={`day-mark ${mark ?? ""}`}>
          {mark && t(mark === "off" ? "daykind.off" : "daykind.on")}
        </span>
      </span>
    </th>
  );
}
