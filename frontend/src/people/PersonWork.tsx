import type { VNode } from "preact";
import { useGet, useList } from "../api/get";
import type { Channel } from "../channels/channel";
import { addDays } from "../lib/dates";
import { currentDate, now } from "../lib/now";
import { addressOf } from "../lib/router";
import { formatDate, formatDateTime, formatMonthDay, formatWeekday } from "../lib/time";
import { byId, useShifts } from "../shifts/useShifts";
import { Loaded } from "../ui/EmptyState";
import { Section } from "../ui/Page";
import { shiftClass } from "../ui/ShiftBadge";
import { StateMark } from "../ui/StateMark";
import type { Person } from "./person";
import { t } from "./words";

const DAYS = 14;
const REMINDER_DAYS = 2;

/** Two weeks of shifts, one small cell a day. */
export function PersonShifts({ person }: { person: Person }) {
  const today = currentDate.value;
  const shifts = useShifts();
  const query = { user_id: person.id, from: today, to: addDays(today, DAYS - 1) };
  const roster = useGet("/api/v1/roster", { query }, ["roster"]);
  const known = byId(shifts.value);
  return (
    <section class="section">
      <header class="section-line">
        <h2>{t("page.soon")}</h2>
        <a href={addressOf("roster", { team: person.team_id })}>{t("page.to_roster")}</a>
      </header>
      <Loaded from={roster}>
        {(found) => {
          const mine = found.users.find((row) => row.id === person.id);
          return (
            <ol class="person-days">
              {found.dates.map((date, index) => {
                const shift = known.get(mine?.shift_ids[index] ?? 0);
                return (
                  <li key={date}>
                    <span class="small soft" aria-hidden="true">
                      {formatWeekday(date)}
                      <br />
                      {index === 0 || date.endsWith("-01") ? formatMonthDay(date) : Number(date.slice(8))}
                    </span>
                    <span class="only-heard">
                      {formatDate(date)} {shift?.name ?? t("page.nothing")}
                    </span>
                    <span
                      class={`code ${shift ? shiftClass(shift) : ""}`}
                      title={shift?.name}
                      aria-hidden="true"
                    >
                      {shift?.code ?? "–"}
                    </span>
                  </li>
                );
              })}
            </ol>
          );
        }}
      </Loaded>
    </section>
  );
}

/** What reminds them today and tomorrow, and how it stands. */
export function PersonReminders({ person }: { person: Person }) {
  const today = currentDate.value;
  const query = { user_id: person.id, from: today, to: addDays(today, REMINDER_DAYS - 1) };
  const reminders = useList("/api/v1/reminders", { query }, ["reminder", "punch"]);
  return (
    <section class="section">
      <header class="section-line">
        <h2>{t("page.reminders")}</h2>
        <a href={addressOf("log", { person: person.id })}>{t("page.to_log")}</a>
      </header>
      <Loaded from={reminders}>
        {(all) => (
          <Rows none={t("page.no_reminders")}>
            {all.map((reminder) => (
              <li key={reminder.id}>
                <a class="row-link" href={addressOf("why", { person: person.id, date: reminder.work_date })}>
                  <span class="grow">
                    <time>{formatDateTime(reminder.point_at, now.value)}</time>{" "}
                    {t(reminder.kind === "clock_in" ? "punch.clock_in" : "punch.clock_out")}
                    <span class="soft"> · {reminder.shift_name}</span>
                  </span>
                  <StateMark of={reminder} />
                </a>
              </li>
            ))}
          </Rows>
        )}
      </Loaded>
    </section>
  );
}

/** Where their team's messages go. Their own channels are nobody else's business. */
export function PersonChannels({ person }: { person: Person }) {
  const channels = useList("/api/v1/channels", {}, ["channel"]);
  const isTheirs = (channel: Channel) =>
    channel.user_id === person.id || (person.team_id !== null && channel.team_id === person.team_id);
  return (
    <Section title={t("page.channels")}>
      <Loaded from={channels}>
        {(all) => (
          <Rows none={t("page.no_channels")}>
            {all.filter(isTheirs).map((channel) => (
              <li key={channel.id}>
                <a class="row-link" href={addressOf("channels", { id: channel.id })}>
                  <span class="grow">{channel.name}</span>
                  <span class={`small ${channel.status === "broken" ? "urgent" : "soft"}`}>
                    {channel.is_enabled ? t(`status.${channel.status}`) : t("channel.off")}
                  </span>
                </a>
              </li>
            ))}
          </Rows>
        )}
      </Loaded>
      <p class="note">{t("page.own_channels")}</p>
    </Section>
  );
}

const Rows = ({ none, children }: { none: string; children: VNode[] }) =>
  children.length > 0 ? <ul class="rows">{children}</ul> : <p class="soft">{none}</p>;
