import { currentDate, now } from "../lib/now";
import { formatDate, formatTime } from "../lib/time";

/** The clock of a planner who has no shift today: there, but not the hero. */
export function TeamHead() {
  return (
    <div class="team-head">
      <p class="mine-date">{formatDate(currentDate.value)}</p>
      <p class="team-clock">
        <time>{formatTime(now.value)}</time>
      </p>
    </div>
  );
}
