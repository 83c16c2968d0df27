import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api } from "../api/client";
import { remembered, shownFrom } from "../api/known";
import { Problem } from "../api/problem";
import { useResource } from "../api/resource";
import { askMonth } from "../calendar/month";
import { t } from "../i18n";
import { addMonths, monthOf } from "../lib/dates";
import { now, setServerTime } from "../lib/now";
import { dateOf, useZone } from "../lib/time";
import { onceOffline } from "../offline";
import { askShifts } from "../shifts/useShifts";
import { Loaded } from "../ui/EmptyState";
import { Page } from "../ui/Page";
import { Inbox } from "./Inbox";
import { myDayWithoutServer, ownPart } from "./known";
import { Mine, type MyDay } from "./Mine";
import { Team } from "./Team";
import { TeamHead } from "./TeamHead";
import "./today.css";

/** So many messages are shown at once. On a phone they stand above the team's numbers. */
const ALONE = 5;
const BESIDE_THE_TEAM = 2;

/** A planner who has no shift of their own today sees only the team. */
const hasOwnDay = (mine: MyDay) =>
  mine.shift !== null || mine.reminders.length > 0 || mine.next_shift !== null;

let isLaidIn = false;

/** Once, where the app could open without a network: this month and the next, so that they are known then. */
function layIn() {
  if (isLaidIn) return;
  isLaidIn = true;
  onceOffline(() => {
    const month = monthOf(dateOf(now.peek()));
    const asked = [askShifts(), askMonth(month), askMonth(addMonths(month, 1))];
    for (const each of asked) each.catch(() => undefined);
  });
}

async function askDashboard() {
  const answer = await remembered("dashboard", () => api.get("/api/v1/dashboard"), ownPart);
  useZone(answer.timezone);
  if (shownFrom.peek() !== null) {
    const mine = myDayWithoutServer(answer.mine, now.peek());
    if (!mine) throw new Problem(0);
    return { ...answer, mine };
  }
  setServerTime(answer.now);
  layIn();
  return answer;
}

export function Today() {
  const dashboard = useResource("dashboard", askDashboard, [
    "reminder",
    "punch",
    "roster",
    "shift",
    "channel",
    "scheduler",
  ]);
  const team = dashboard.value?.team ?? null;
  const isBoth = team !== null && dashboard.value !== null && hasOwnDay(dashboard.value.mine);
  const waiting = <Waiting onChanged={dashboard.reload} />;
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
                {waiting}
                <Inbox most={answer.team ? BESIDE_THE_TEAM : ALONE} />
              </div>
            ) : (
              <div>
                <TeamHead />
                {waiting}
              </div>
            )}
            {answer.team && <Team team={answer.team} onChanged={dashboard.reload} />}
            {answer.team && !hasOwnDay(answer.mine) && <Inbox most={ALONE} />}
          </div>
        )}
      </Loaded>
    </Page>
  );
}

type WaitingPart = ComponentType<{ onChanged: () => Promise<void> }>;

/** Leave and swaps that concern today come after the clock is there. */
function Waiting(props: { onChanged: () => Promise<void> }) {
  const [loaded, setLoaded] = useState<{ Part: WaitingPart } | null>(null);
  useEffect(() => {
    import("../requests/Waiting").then(
      (it) => setLoaded({ Part: it.Waiting }),
      () => undefined,
    );
  }, []);
  return loaded && <loaded.Part {...props} />;
}
