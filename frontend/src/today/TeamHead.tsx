import { now } from "../lib/now";
import { dateOf, sayClock, sayDate } from "../lib/time";

/** The clock of a planner who has no shift today: there, but not the hero. */
export function TeamHead() {
  return (
    <div class="team-head">
      <p class="mine-date">{sayDate(dateOf(now.value))}</p>
      <p class="team-clock">
        <time>{sayClock(now.value)}</time>
      </p>
    </div>
  );
}
