import { api } from "../api/client";
import { useResource } from "../api/resource";
import { t } from "../i18n";
import { setServerTime } from "../lib/now";
import { useZone } from "../lib/time";
import { Loaded } from "../ui/EmptyState";
import { Page } from "../ui/Page";
import { Inbox } from "./Inbox";
import { Mine, type MyDay } from "./Mine";
import { Team } from "./Team";
import { TeamHead } from "./TeamHead";
import "./today.css";

/** A planner who has no shift of their own today sees only the team. */
const hasOwnDay = (mine: MyDay) =>
  mine.shift !== null || mine.reminders.length > 0 || mine.next_shift !== null;

export function Today() {
  const dashboard = useResource("dashboard", async () => {
    const answer = await api.get("/api/v1/dashboard");
    useZone(answer.timezone);
    setServerTime(answer.now);
    return answer;
  }, ["reminder", "punch", "roster", "shift", "channel", "scheduler"]);
  const team = dashboard.value?.team ?? null;
  const isBoth = team !== null && dashboard.value !== null && hasOwnDay(dashboard.value.mine);
  return (
    <Page
      title={t("page.today")}
      isTitleHidden
      class={`today ${isBoth ? "both" : team ? "team-only" : "alone"}`}
    >
      <Loaded from={dashboard}>
        {(answer) => (
          <div class="today-split">
            {answer.team === null || hasOwnDay(answer.mine) ? (
              <div>
                <Mine mine={answer.mine} onChanged={dashboard.reload} />
                <Inbox />
              </div>
            ) : (
              <TeamHead />
            )}
            {answer.team && <Team team={answer.team} onChanged={dashboard.reload} />}
            {answer.team && !hasOwnDay(answer.mine) && <Inbox />}
          </div>
        )}
      </Loaded>
    </Page>
  );
}
