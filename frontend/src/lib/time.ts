import { signal } from "@preact/signals";
import { language, t } from "../i18n";
import { daysBetween, type PlainDate, type PlainMonth } from "./dates";

/** The zone of all times shown: the team's, not the browser's, because a shift starts where the work is. */
const zone = signal(Intl.DateTimeFormat().resolvedOptions().timeZone);

export function setZone(name: string | null | undefined) {
  if (name) zone.value = name;
}

export function currentZone(): string {
  return zone.value;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making a formatter costs far more than using it, so each is made once per locale and zone. */
function formatter(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const locale = language.value === "zh" ? "zh-CN" : "en-GB";
  const key = `${locale} ${options.timeZone ?? zone.value} ${name}`;
  let made = formatters.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, { timeZone: zone.value, ...options });
    formatters.set(key, made);
  }
  return made;
}

const noon = (date: PlainDate) => new Date(`${date}T12:00:00Z`);
const instantOf = (instant: string | number | Date) =>
  instant instanceof Date ? instant : new Date(instant);

/** `08:45` */
export function formatTime(instant: string | number | Date): string {
  return formatter("clock", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(
    instantOf(instant),
  );
}

/** `08:45:03` */
export function formatTimeWithSeconds(instant: string | number | Date): string {
  return formatter("seconds", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).format(instantOf(instant));
}

/** The date it is at this instant where the work is. */
export function dateOf(instant: string | number | Date): PlainDate {
  const key = `iso ${zone.value}`;
  let made = formatters.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone.value,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
    });
    formatters.set(key, made);
  }
  return made.format(instantOf(instant));
}

/** The instant at which this date begins where the work is, as the API wants it. */
export function startOfDay(date: PlainDate): string {
  const wanted = Date.parse(`${date}T00:00:00Z`);
  let instant = wanted;
  // Twice, because the zone's offset may change between the first guess and the answer.
  for (let turn = 0; turn < 2; turn++)
    instant += wanted - Date.parse(`${dateOf(instant)}T${formatTime(instant)}:00Z`);
  return new Date(instant).toISOString();
}

/** Minutes since midnight where the work is. */
export function minuteOfDay(instant: string | number | Date): number {
  const [hour = 0, minute = 0] = formatTime(instant).split(":").map(Number);
  return hour * 60 + minute;
}

export function formatWeekday(date: PlainDate): string {
  return formatter("weekday", { weekday: "short", timeZone: "UTC" }).format(noon(date));
}

/** One letter: 一 … 日, M … S. */
export function formatWeekdayNarrow(date: PlainDate): string {
  return formatter("narrow", { weekday: "narrow", timeZone: "UTC" }).format(noon(date));
}

/** `11月24日`, `24 Nov` */
export function formatMonthDay(date: PlainDate): string {
  return formatter("monthday", { month: "short", day: "numeric", timeZone: "UTC" }).format(noon(date));
}

/** `周二 11月24日`, `Tue 24 Nov` */
export function formatDate(date: PlainDate): string {
  return `${formatWeekday(date)} ${formatMonthDay(date)}`;
}

/** `2026年11月24日星期二`: for captions and screen readers. */
export function formatFullDate(date: PlainDate): string {
  return formatter("full", { dateStyle: "full", timeZone: "UTC" }).format(noon(date));
}

/** `11月23–29日`, `23–29 Nov`; over the end of a month both are named; a single day is that day. */
export function formatDateRange(from: PlainDate, to: PlainDate): string {
  if (from === to) return formatMonthDay(from);
  if (from.slice(0, 7) !== to.slice(0, 7)) return `${formatMonthDay(from)} – ${formatMonthDay(to)}`;
  return t("span.dates", {
    month: formatter("monthname", { month: "short", timeZone: "UTC" }).format(noon(from)),
    first: Number(from.slice(8)),
    last: Number(to.slice(8)),
  });
}

/** `2026年11月` */
export function formatMonth(month: PlainMonth): string {
  return formatter("month", { year: "numeric", month: "long", timeZone: "UTC" }).format(noon(`${month}-01`));
}

/** Relative where possible: 今天, 明天, 昨天, 周五 within the next days, else the date. */
export function formatRelativeDay(date: PlainDate, today: PlainDate): string {
  const away = daysBetween(today, date);
  if (away === 0) return t("day.today");
  if (away === 1) return t("day.tomorrow");
  if (away === -1) return t("day.yesterday");
  if (away > 1 && away < 7) return formatWeekday(date);
  if (date.slice(0, 4) === today.slice(0, 4)) return formatMonthDay(date);
  return formatter("yearday", { year: "numeric", month: "short", day: "numeric", timeZone: "UTC" }).format(
    noon(date),
  );
}

/** `今天 08:45`, by a clock that is right (`now`): a device's may be days off. */
export function formatDateTime(instant: string | number | Date, now: string | number | Date): string {
  return `${formatRelativeDay(dateOf(instant), dateOf(now))} ${formatTime(instant)}`;
}

/** `15 分钟`, `1 小时 20 分钟`, `3 小时`: whole minutes, never negative. */
export function formatDuration(minutes: number): string {
  const whole = Math.max(0, Math.round(minutes));
  const hours = Math.floor(whole / 60);
  const rest = whole % 60;
  if (hours === 0) return t("span.minutes", { n: rest });
  if (rest === 0) return t("span.hours", { n: hours });
  return `${t("span.hours", { n: hours })} ${t("span.minutes", { n: rest })}`;
}

/** `+0.2 秒`, `+3 分钟`: how late one instant came after another. */
export function formatDelay(due: string, sent: string): string {
  const seconds = (Date.parse(sent) - Date.parse(due)) / 1000;
  if (seconds < 0) return "";
  if (seconds < 60)
    return t("span.late_seconds", { n: seconds < 10 ? seconds.toFixed(1) : Math.round(seconds) });
  return t("span.late", { span: formatDuration(seconds / 60) });
}
