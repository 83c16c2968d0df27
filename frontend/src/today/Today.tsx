import { useEffect } from "preact/hooks";
import { api } from "../api/client";
import { cachedSince, fetchOrCached, keepFresh } from "../api/offlineCache";
import { askedSince, takeOpening } from "../api/opening";
import { Problem } from "../api/problem";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { isAdmin, me } from "../api/session";
import { fetchMonth } from "../calendar/month";
import { t } from "../i18n";
import { useAppState } from "../lib/appState";
import { addMonths, monthOf } from "../lib/dates";
import { lazy } from "../lib/lazy";
import { now, setServerTime } from "../lib/now";
import { dateOf, setZone } from "../lib/time";
import { whenOfflineReady } from "../offline";
import { fetchShifts } from "../shifts/useShifts";
import { Loaded } from "../ui/EmptyState";
import { Page } from "../ui/Page";
import { Inbox } from "./Inbox";
import { Mine, type MyDay } from "./Mine";
import { myDayWithoutServer, ownPart } from "./offlineDay";
import { Team } from "./Team";
import { TeamHead } from "./TeamHead";
import "./today.css";

/** So many messages are shown at once. On a phone they stand above the team's numbers. */
const ALONE = 5;
const BESIDE_THE_TEAM = 2;

/** A planner who has no shift of their own today sees only the team. */
const hasOwnDay = (mine: MyDay) =>
  mine.shift !== null || mine.reminders.length > 0 || mine.next_shift !== null;

/** What is left to do on a server that has just been set up. */
const FirstSteps = lazy(() => import("./FirstSteps").then((it) => it.FirstSteps));

const AddressNotice = lazy(() => import("./AddressNotice").then((it) => it.AddressNotice));

/** Leave and swaps that concern today come after the clock is there. */
const Waiting = lazy(() => import("../requests/Waiting").then((it) => it.Waiting));

/** Fetches this month and the next, so that they are cached where the app could open without a network. */
function prefetchCalendar() {
  whenOfflineReady(() => {
    const month = monthOf(dateOf(now.peek()));
    const asked = [fetchShifts(), fetchMonth(month), fetchMonth(addMonths(month, 1))];
    for (const each of asked) each.catch(() => undefined);
  });
}

const CHANGED_BY = ["reminder", "punch", "roster", "draft", "shift", "channel", "scheduler"] as const;

type Dashboard = components["schemas"]["Dashboard"];

function heed(answer: Dashboard, since: number): Dashboard {
  setZone(answer.timezone);
  setServerTime(answer.now, since);
  return answer;
}

async function fetchDashboard() {
  const since = askedSince();
  const answer = await fetchOrCached("dashboard", () => api.get("/api/v1/dashboard"), ownPart);
  if (cachedSince.peek() === null) return heed(answer, since);
  setZone(answer.timezone);
  const mine = myDayWithoutServer(answer.mine, now.peek());
  if (!mine) throw new Problem(0);
  return { ...answer, mine };
}

/** The one that came with the session. */
function openingDashboard(): Dashboard | null {
  const answer = takeOpening<Dashboard>("/api/v1/dashboard");
  return answer && heed(keepFresh("dashboard", answer, ownPart), askedSince());
}

export function Today() {
  const dashboard = useResource("dashboard", fetchDashboard, CHANGED_BY, openingDashboard);
  /** For whom the calendar was fetched ahead: once per account is enough. */
  const prefetched = useAppState("prefetched calendars", () => new Set<number>());
  const isFresh = dashboard.value !== null && cachedSince.value === null;
  useEffect(() => {
    const id = me.peek()?.id;
    if (!isFresh || id === undefined || prefetched.has(id)) return;
    prefetched.add(id);
    prefetchCalendar();
  }, [isFresh]);
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
          <>
            {answer.team && <FirstSteps />}
            {isAdmin.value && <AddressNotice />}
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
          </>
        )}
      </Loaded>
    </Page>
  );
}
