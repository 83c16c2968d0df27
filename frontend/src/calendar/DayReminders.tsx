import { useList } from "../api/get";
import { t } from "../i18n";
import type { PlainDate } from "../lib/dates";
import { addressOf } from "../lib/router";
import { formatTime } from "../lib/time";
import { StateMark } from "../ui/StateMark";

/** The punch points of one day and how they stand. Days beyond the planner's reach have none yet. */
export function DayReminders({ date, userId }: { date: PlainDate; userId: number }) {
  const query = { from: date, to: date, user_id: userId };
  const reminders = useList("/api/v1/reminders", { query }, ["reminder", "punch", "roster"]);
  const points = (reminders.value ?? [])
    .filter((reminder) => reminder.work_date === date)
    .sort((one, other) => one.point_at.localeCompare(other.point_at));
  if (points.length === 0) return null;
  return (
    <>
      <ul class="rows punch-points">
        {points.map((reminder) => (
          <li key={reminder.id}>
            <time class="figures">{formatTime(reminder.point_at)}</time>
            <span>{t(reminder.kind === "clock_in" ? "punch.clock_in" : "punch.clock_out")}</span>
            <StateMark of={reminder} />
          </li>
        ))}
      </ul>
      <p>
        <a href={addressOf("why", { person: userId, date })}>{t("why.ask")}</a>
      </p>
    </>
  );
}
