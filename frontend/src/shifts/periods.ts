import { t } from "../i18n";

export interface Period {
  start: string;
  end: string;
}

/** An end at or before its start is on the next day. */
export function endsNextDay(period: Period): boolean {
  return period.end <= period.start;
}

/** How long it works, in minutes. */
export const minutesOf = (periods: readonly Period[]) =>
  periods.reduce((sum, { start, end }) => sum + ((minuteOf(end) - minuteOf(start) + DAY - 1) % DAY) + 1, 0);

const DAY = 24 * 60;
const minuteOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** How many minutes of rest there are from one shift to another on the day after it. */
export function restBetween(before: readonly Period[], after: readonly Period[]): number {
  let ends = 0;
  for (const period of before) {
    let starts = minuteOf(period.start);
    while (starts < ends) starts += DAY;
    ends = starts + minutesOf([period]);
  }
  return DAY + minuteOf(after[0]?.start ?? "") - ends;
}

/** Whether it works past midnight, in this period or from one period to the next. */
export function isNight(periods: readonly Period[]): boolean {
  return periods.some((period, index) => {
    const before = periods[index - 1];
    return endsNextDay(period) || (before !== undefined && period.start < before.start);
  });
}

/** `13:00–21:00`, `22:00–次日 06:00`, several with a comma. */
export function formatPeriods(periods: readonly Period[]): string {
  return periods
    .map((period) =>
      endsNextDay(period)
        ? t("shift.period_overnight", { start: period.start, end: period.end })
        : `${period.start}–${period.end}`,
    )
    .join(t("list.comma"));
}
