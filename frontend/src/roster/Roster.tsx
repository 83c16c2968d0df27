import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import { isPlanner, me } from "../api/session";
import { namedChoices, nameIn, useTeams } from "../api/teams";
import { t } from "../i18n";
import { useAppState } from "../lib/appState";
import { addDays, addMonths, dateIn, datesOfMonth, mondayOf, monthOf, type PlainDate } from "../lib/dates";
import { currentDate } from "../lib/now";
import { place, stay } from "../lib/router";
import { formatDateRange, formatMonth } from "../lib/time";
import { useMinWidth } from "../lib/useMinWidth";
import { useShifts } from "../shifts/useShifts";
import { IconButton } from "../ui/Button";
import { Loaded } from "../ui/EmptyState";
import { SelectField } from "../ui/Field";
import { Page } from "../ui/Page";
import { Board } from "./Board";
import { useEditorState } from "./editorState";
import type { Plan } from "./plan/dialog";
import { PlanMenu } from "./plan/PlanMenu";
import "./roster.css";

const PHONE_DAYS = 7;

/** A month on wide screens, a week on phones. */
function spanOf(anchor: PlainDate, isWide: boolean): { from: PlainDate; to: PlainDate } {
  if (!isWide) {
    const monday = mondayOf(anchor);
    return { from: monday, to: addDays(monday, PHONE_DAYS - 1) };
  }
  const dates = datesOfMonth(monthOf(anchor));
  return { from: dates[0] ?? anchor, to: dates.at(-1) ?? anchor };
}

/** The month of a month; of a week, the one with more of its days. */
const monthInSight = (from: PlainDate) => monthOf(addDays(from, 3));

/** Who comes back to the page without asking for a place finds the month and the team that they left. */
function useRememberedPlace(query: URLSearchParams) {
  const last = useAppState<{ day: string | null; team: string | null }>(`roster ${me.value?.id}`, () => ({
    day: null,
    team: null,
  }));
  useLayoutEffect(() => {
    if (query.size === 0 && (last.day || last.team)) stay({ ...last });
  }, []);
  useEffect(() => {
    last.day = query.get("day");
    last.team = query.get("team");
  }, [last, query]);
}

export function Roster() {
  // A dialog is about what was shown when it opened; after a turn of the phone it must still be there.
  const [isHeld, setHeld] = useState(false);
  const isWideNow = useMinWidth(900);
  const wasWide = useRef(isWideNow);
  if (!isHeld) wasWide.current = isWideNow;
  const isWide = wasWide.current;
  const today = currentDate.value;
  const query = place.value.query;
  useRememberedPlace(query);
  const anchor = dateIn(query.get("day")) ?? today;
  const { from, to } = spanOf(anchor, isWide);

  const teams = useTeams();
  const chosenTeam =
    [Number(query.get("team")), me.value?.team_id].find(
      (id) => id && (!teams.value || nameIn(teams.value, id)),
    ) || teams.value?.[0]?.id;
  const shifts = useShifts(chosenTeam);
  const key = `${from} ${to} ${chosenTeam ?? ""}`;
  // No events here: the board merges what others change cell by cell.
  const roster = useResource(key, async () => ({
    key,
    teamId: chosenTeam ?? null,
    answer: await api.get("/api/v1/roster", {
      query: { from, to, team_id: chosenTeam, drafts: isPlanner.value },
    }),
  }));
  const editor = useEditorState(me.value?.id ?? 0);
  const [plan, setPlan] = useState<Plan | null>(null);

  const turn = (steps: 1 | -1) => {
    const day = isWide ? `${addMonths(monthOf(anchor), steps)}-01` : addDays(from, steps * PHONE_DAYS);
    stay({ day, team: query.get("team") });
  };

  const title = isWide ? formatMonth(monthOf(anchor)) : formatDateRange(from, to);
  return (
    <Page title={t("page.roster")} isFull isTitleHidden class="roster-page compact">
      <div class="roster-bar">
        <IconButton
          icon="back"
          label={t(isWide ? "nav.month_before" : "nav.week_before")}
          onClick={() => turn(-1)}
        />
        <p class="roster-span" aria-live="polite">
          {title}
        </p>
        <IconButton
          icon="forward"
          label={t(isWide ? "nav.month_after" : "nav.week_after")}
          onClick={() => turn(1)}
        />
        {(today < from || today > to) && (
          <button type="button" class="button quiet" onClick={() => stay({ team: query.get("team") })}>
            {t("day.today")}
          </button>
        )}
        <div class="roster-choices">
          <PlanMenu
            scope={{ teamId: chosenTeam, from, to, month: monthInSight(from) }}
            plan={plan}
            onPlan={setPlan}
          />
          {teams.value && teams.value.length > 1 && (
            <SelectField
              label={t("team.one")}
              isLabelHidden
              value={chosenTeam ?? 0}
              choices={namedChoices(teams.value)}
              onValue={(team) => stay({ day: query.get("day"), team })}
            />
          )}
        </div>
      </div>
      <Loaded from={roster}>
        {({ key: loadedKey, teamId, answer }) => (
          <Loaded from={shifts}>
            {(all) => (
              <Board
                key={loadedKey}
                answer={answer}
                teamId={teamId}
                editor={editor}
                shifts={all}
                today={today}
                onSwipe={turn}
                onHold={setHeld}
                onOpenCalendar={() => setPlan("days")}
                onOpenDrafts={() => setPlan("drafts")}
                reload={() => void roster.reload()}
              />
            )}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}
