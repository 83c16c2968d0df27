import { api } from "../api/client";
import { useResource } from "../api/resource";
import { t } from "../i18n";
import type { PlainDate } from "../lib/dates";
import { addressOf } from "../lib/router";
import { formatTime } from "../lib/time";
import { markOf, StateMark } from "../ui/StateMark";

/** The punch points of one day and how they stand. Days beyond the planner's reach have none yet. */
export function DayReminders({ date, userId }: { date: PlainDate; userId: number }) {
  const reminders = useResource(
    `${date} ${userId}`,
    async () =>
      (await api.get("/api/v1/reminders", { query: { from: date, to: date, user_id: userId } })).items
        .filter((reminder) => reminder.work_date === date)
        .sort((one, other) => one.point_at.localeCompare(other.point_at)),
    ["reminder", "punch", "roster"],
  );
  if (!reminders.value || reminders.value.length === 0) return null;
  return (
    <>
      <ul class="rows punch-points">
        {reminders.value.map((reminder) => (
          <li key={reminder.id}>
            <time class="figures">{formatTime(reminder.point_at)}</time>
            <span>{t(reminder.kind === "clock_in" ? "punch.clock_in" : "punch.clock_out")}</span>
            <StateMark mark={markOf(reminder.status)} />
          </li>
        ))}
      </ul>
      <p>
        <a href={addressOf("why", { person: userId, date })}>{t("why.ask")}</a>
      </p>
    </>
  );
}
