import { useMemo, useReducer } from "preact/hooks";
import { api } from "../../api/client";
import { useGet, useList } from "../../api/get";
import type { components } from "../../api/schema";
import { useTeams } from "../../api/teams";
import { betweenSentences, listed } from "../../i18n";
import { addDays, datesOfMonth } from "../../lib/dates";
import { now } from "../../lib/now";
import { dateOf } from "../../lib/time";
import { useDebounced } from "../../lib/useDebounced";
import { byId, type Shift, useShifts } from "../../shifts/useShifts";
import { attempt } from "../../ui/attempt";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Loaded } from "../../ui/EmptyState";
import { CheckField, SelectField, TextField } from "../../ui/Field";
import { useApplyPlan } from "./applyPlan";
import { CycleEditor } from "./CycleEditor";
import { type Crew, crewsOf, MOST_CREWS, toCrews } from "./crews";
import { anchorOf, daysIn } from "./cycle";
import type { PlanDialogProps } from "./dialog";
import { PeopleGrid } from "./PeopleGrid";
import { chosenIn, OverwriteField, PlanFoot, whoIsMissing } from "./PlanParts";
import { patternLabel, slotName } from "./patternLabel";
import {
  initialPattern,
  keyOf,
  OWN_PATTERN,
  offsetOf,
  type PatternAction,
  patternReducer,
} from "./patternState";
import { previewRows } from "./preview";
import { SavePattern } from "./SavePattern";
import { t } from "./words";
import "./plan.css";

type Pattern = components["schemas"]["PatternRead"];
type FillBody = Omit<components["schemas"]["FillBody"], "dry_run">;

const MAX_DAYS = 400;
const MAX_DAYS_DRAWN = 93;

/** Fills people and dates with a cycle of shifts, with a preview. */
export function PatternDialog({ scope, onClose }: PlanDialogProps) {
  const { teamId } = scope;
  const before = addDays(datesOfMonth(scope.month).at(-1) ?? dateOf(now.peek()), 1);
  const patterns = useList("/api/v1/roster/patterns", { query: { team_id: teamId, before } });
  const shifts = useShifts(teamId);
  const teams = useTeams();
  return (
    <Dialog title={t("pattern.title")} onClose={onClose}>
      <div class="plan-dialog">
        <Loaded from={patterns}>
          {(all) => (
            <Loaded from={shifts}>
              {(known) => (
                <Loaded from={teams}>
                  {(found) => (
                    <Pattern
                      scope={scope}
                      onClose={onClose}
                      patterns={all}
                      shifts={known.filter((shift) => !shift.team_id || !teamId || shift.team_id === teamId)}
                      crews={found.find((team) => team.id === teamId)?.crews ?? []}
                      reload={patterns.reload}
                    />
                  )}
                </Loaded>
              )}
            </Loaded>
          )}
        </Loaded>
      </div>
    </Dialog>
  );
}

const keepCrews = (teamId: number, crews: Crew[]) =>
  attempt(() => api.patch("/api/v1/teams/{team_id}", { path: { team_id: teamId }, body: { crews } }));

interface PatternProps extends PlanDialogProps {
  patterns: Pattern[];
  shifts: Shift[];
  /** Those that the team keeps. */
  crews: readonly Crew[];
  reload: () => Promise<void>;
}

function Pattern({ scope, onClose, patterns, shifts, crews, reload }: PatternProps) {
  const { teamId } = scope;
  const known = useMemo(() => byId(shifts), [shifts]);
  const kept = crewsOf(crews);
  const [state, dispatch] = useReducer(patternReducer, null, () =>
    initialPattern(patterns, scope.month, dateOf(now.peek()), kept),
  );
  const { picked, cycle, from, to, overwrite, crewCount, crewOf } = state;
  const set = (change: Extract<PatternAction, { type: "set" }>["change"]) =>
    dispatch({ type: "set", change });
  const pattern = patterns.find((each) => keyOf(each) === picked);

  const days = daysIn(from, to);
  const span = useDebounced(days > 0 && days <= MAX_DAYS ? `${from} ${to}` : "");
  const [first, last] = span.split(" ");
  const request = first && last ? { query: { from: first, to: last, team_id: teamId, drafts: true } } : null;
  const roster = useGet("/api/v1/roster", request, ["roster", "draft"]);
  const { chosen, userIds } = chosenIn(roster.value?.users, state.chosen);
  const everybody = roster.value?.users.map((user) => user.id) ?? [];
  // Whoever is not filled keeps the crew they had, and gets none.
  const newCrews = toCrews(
    crewOf,
    crewCount,
    everybody.filter((id) => chosen.has(id) || kept[id] !== undefined),
  );
  const inNoCrew = (crewCount > 0 ? (roster.value?.users ?? []) : [])
    .filter(({ id }) => crewOf[id] === undefined && !chosen.has(id))
    .map((user) => user.display_name);
  const hasNewCrews = crewCount > 0 && JSON.stringify(newCrews) !== JSON.stringify(crews);

  const body: FillBody | null =
    cycle.slots.length > 0 && userIds.length > 0 && days > 0
      ? {
          cycle: [...cycle.slots],
          user_ids: userIds,
          offset: 0,
          offsets: Object.fromEntries(
            userIds.map((id) => [id, offsetOf(state, id)]).filter(([, offset]) => offset !== 0),
          ),
          continues: state.continues,
          crews: newCrews.map(({ user_ids }, crew) => ({
            user_ids: user_ids.filter((id) => kept[id] === crew),
            new_user_ids: user_ids.filter((id) => kept[id] !== crew),
          })),
          from,
          to,
          anchor: anchorOf(from, state.startsOnMonday),
          overwrite,
          calendar: state.followsCalendar ? "follow" : "ignore",
        }
      : null;
  const plan = useApplyPlan(body, (wanted) => api.post("/api/v1/roster/fill", { body: wanted }), {
    roster,
    onApplied: () => {
      if (hasNewCrews && teamId) void keepCrews(teamId, newCrews);
      onClose();
    },
  });
  const drawnDates = roster.value?.dates.slice(0, MAX_DAYS_DRAWN) ?? [];

  return (
    <form
      class="form compact"
      onSubmit={(event) => {
        event.preventDefault();
        void plan.apply();
      }}
    >
      <div class="form-row">
        <SelectField
          label={t("pattern.one")}
          value={picked}
          choices={[
            ...patterns.map((each) => ({ value: keyOf(each), label: patternLabel(each) })),
            { value: OWN_PATTERN, label: t("pattern.own") },
          ]}
          onValue={(key) => dispatch({ type: "pick", pattern: patterns.find((each) => keyOf(each) === key) })}
        />
        <TextField label={t("span.from")} type="date" value={from} onValue={(date) => set({ from: date })} />
        <TextField label={t("span.to")} type="date" value={to} onValue={(date) => set({ to: date })} />
      </div>
      {pattern && pattern.missing.length > 0 && (
        <p class="note">
          {t(pattern.id ? "pattern.gone" : "pattern.missing", {
            words: listed(pattern.missing.map(slotName)),
          })}
          {betweenSentences()}
          <a href="/shifts">{t("page.shifts")}</a>
        </p>
      )}
      <CycleEditor cycle={cycle} onCycle={(next) => set({ cycle: next })} shifts={shifts} known={known} />
      <div class="plan-options">
        <OverwriteField overwrite={overwrite} onValue={(next) => set({ overwrite: next })} />
        <CheckField
          label={t("pattern.follow")}
          hint={t("pattern.follow_hint")}
          value={state.followsCalendar}
          onValue={(followsCalendar) => set({ followsCalendar })}
        />
        <CheckField
          label={t("pattern.monday")}
          value={state.startsOnMonday}
          onValue={(startsOnMonday) => set({ startsOnMonday })}
        />
        <CheckField
          label={t("pattern.continue")}
          hint={t("pattern.continue_hint")}
          value={state.continues}
          onValue={(continues) => set({ continues })}
        />
      </div>
      <div class="plan-options">
        {roster.value && (
          <SelectField
            label={t("crews")}
            value={crewCount}
            choices={[0, ...Array.from({ length: MOST_CREWS - 1 }, (_, index) => index + 2)].map((count) => ({
              value: count,
              label: count === 0 ? t("crews.none") : t("crews.n", { n: count }),
            }))}
            onValue={(count) => dispatch({ type: "crews", count, userIds, kept })}
          />
        )}
        <div class="form-foot">
          <span>{t("offset.text")}</span>
          <Button
            look="quiet"
            disabled={cycle.slots.length === 0}
            onClick={() => dispatch({ type: "spread", userIds })}
          >
            {t("offset.even")}
          </Button>
          <Button look="quiet" onClick={() => dispatch({ type: "clear_offsets" })}>
            {t("offset.none")}
          </Button>
        </div>
      </div>
      {inNoCrew.length > 0 && <p class="note">{t("crews.without", { people: listed(inNoCrew) })}</p>}
      {request && (
        <Loaded from={roster}>
          {(found) => (
            <PeopleGrid
              rows={previewRows(
                { dates: drawnDates, users: found.users },
                body ? (plan.answer?.cells ?? []) : [],
              )}
              dates={drawnDates}
              roster={found}
              known={known}
              chosen={chosen}
              onChosen={(next) => set({ chosen: next })}
              offsetOf={(userId) => offsetOf(state, userId)}
              crewCount={crewCount}
              crewOf={crewOf}
              onCrew={(userId, crew) => dispatch({ type: "crew", userId, crew })}
              onOffset={(userId, offset) => dispatch({ type: "offset", userId, offset })}
            />
          )}
        </Loaded>
      )}
      {days > MAX_DAYS_DRAWN && <p class="note">{t("more_days", { n: days - MAX_DAYS_DRAWN })}</p>}
      <SavePattern
        state={state}
        pattern={pattern}
        teamId={teamId}
        reload={reload}
        onName={(name) => set({ name })}
        onSaved={(id) => dispatch({ type: "saved", id })}
        onDeleted={() => dispatch({ type: "deleted" })}
      />
      <PlanFoot
        plan={plan}
        missing={
          body
            ? null
            : days === 0
              ? t("need.days")
              : cycle.slots.length === 0
                ? t("need.cycle")
                : whoIsMissing(roster.value)
        }
        onClose={onClose}
      />
    </form>
  );
}
