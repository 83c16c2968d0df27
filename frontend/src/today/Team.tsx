import { useState } from "preact/hooks";
import { api } from "../api/client";
import type { components } from "../api/schema";
import { isAdmin } from "../api/session";
import { type Key, listed, localized, t } from "../i18n";
import { lazy } from "../lib/lazy";
import { now } from "../lib/now";
import { addressOf } from "../lib/router";
import { formatDate, formatDateTime } from "../lib/time";
import { attempt } from "../ui/attempt";
import { Button } from "../ui/Button";
import { QuietLine } from "../ui/EmptyState";
import { Groups, type PeopleProps } from "./Groups";
import type { ManyPeopleProps } from "./ManyPeople";
import { type Filter, isPart, shownGroups } from "./shiftGroups";

type TeamDay = components["schemas"]["TeamDay"];

const NUMBERS: readonly { filter: Filter; label: Key }[] = [
  { filter: "to_punch", label: "today.to_punch" },
  { filter: "nagging", label: "today.nagging" },
  { filter: "missed", label: "today.missed" },
];

/** What a planner sees: three numbers, and the people of today in groups by shift. */
export function Team({ team, onChanged }: { team: TeamDay; onChanged: () => Promise<void> }) {
  const [filter, setFilter] = useState<Filter | null>(null);
  const given = { groups: team.groups, filter, onChanged };

  return (
    <section class="team" aria-label={t("today.team")}>
      <Troubles team={team} onChanged={onChanged} />
      <fieldset class="counts">
        <legend class="only-heard">{t("log.filters")}</legend>
        {NUMBERS.map((number) => (
          <button
            key={number.filter}
            type="button"
            class={`count${number.filter === "missed" && team.counts.missed > 0 ? " urgent" : ""}`}
            aria-pressed={filter === number.filter}
            onClick={() => setFilter(filter === number.filter ? null : number.filter)}
          >
            <b class={team.counts[number.filter] > 9999 ? "long" : undefined}>{team.counts[number.filter]}</b>
            <span class="small">{t(number.label)}</span>
          </button>
        ))}
      </fieldset>
      {isPart(team.groups) ? <ManyPeople Groups={Groups} {...given} /> : <AllPeople {...given} />}
    </section>
  );
}

const AllPeople = ({ groups, filter, ...given }: PeopleProps) => (
  <Groups groups={shownGroups(groups, filter)} known={groups} isFiltered={filter !== null} {...given} />
);

/** Of very many people, only those who need attention come with the page. */
const ManyPeople = lazy<ManyPeopleProps>(() => import("./ManyPeople").then((it) => it.ManyPeople), {
  loading: AllPeople,
  failed: AllPeople,
});

/** An administrator paused reminders and can resume them here; or the server's settings turn them off. */
function Paused({ at, onResumed }: { at: string | null; onResumed: () => Promise<void> }) {
  const resume = () =>
    attempt(() => api.post("/api/v1/scheduler/resume"), t("today.resumed")).then(onResumed);
  if (at === null) return <QuietLine isUrgent>{t("today.off")}</QuietLine>;
  const button = (
    <Button look="quiet" onClick={() => void resume()}>
      {t("today.resume")}
    </Button>
  );
  return (
    <QuietLine isUrgent action={isAdmin.value && button}>
      {t(isAdmin.value ? "today.paused" : "today.paused_ask")}
    </QuietLine>
  );
}

/** What keeps reminders from going out: one quiet line each, with its remedy. */
function Troubles({ team, onChanged }: { team: TeamDay; onChanged: () => Promise<void> }) {
  const {
    scheduler,
    broken_channels: broken,
    unreached,
    broken_sources: silent,
    broken_rosters: rosters,
    provisional_years: years,
    no_backup: noBackup,
    unpublished,
  } = team;
  return (
    <>
      {scheduler.is_paused && <Paused at={scheduler.paused_at} onResumed={onChanged} />}
      {scheduler.is_clock_wrong && <QuietLine isUrgent>{t("today.clock")}</QuietLine>}
      {!scheduler.is_paused && !scheduler.is_clock_wrong && !scheduler.is_alive && (
        <QuietLine isUrgent>{t("today.stale")}</QuietLine>
      )}
      {broken.map((channel) => (
        <QuietLine
          key={channel.id}
          isUrgent
          action={
            <a class="button quiet" href={`/channels?id=${channel.id}`}>
              {t("action.fix")}
            </a>
          }
        >
          {t("today.channel_broken", {
            name: channel.name,
            reason: localized(channel.status_hint_text) ?? channel.status_reason,
          })}
        </QuietLine>
      ))}
      {unreached.length > 0 && (
        <QuietLine isUrgent>
          {t("today.unreached", { name: listed(unreached.map((person) => person.display_name)) })}
        </QuietLine>
      )}
      {silent.map((source) => (
        <QuietLine
          key={source.id}
          action={
            <a class="button quiet" href={`/punch-sources?id=${source.id}`}>
              {t("action.fix")}
            </a>
          }
        >
          {t("today.source_broken", {
            name: source.name,
            reason: localized(source.remedy) ?? source.status_reason,
          })}
        </QuietLine>
      ))}
      {rosters.map((roster) => (
        <QuietLine
          key={roster.source_id}
          isUrgent
          action={
            <a class="button quiet" href={`/punch-sources?id=${roster.source_id}`}>
              {t("action.fix")}
            </a>
          }
        >
          {t(roster.is_push ? "today.roster_unpublished" : "today.roster_broken", {
            team: roster.team_name,
            vendor: localized(roster.vendor) ?? "",
            reason: localized(roster.remedy) ?? roster.reason,
          })}
        </QuietLine>
      ))}
      {unpublished.map((drafts) => (
        <QuietLine
          key={drafts.team_id}
          action={
            <a
              class="button quiet"
              href={addressOf("roster", { team: drafts.team_id, day: drafts.first_date, plan: "drafts" })}
            >
              {t("today.publish")}
            </a>
          }
        >
          {t("today.unpublished", {
            team: drafts.name,
            n: drafts.cells,
            day: formatDate(drafts.first_date),
          })}
        </QuietLine>
      ))}
      {noBackup && (
        <QuietLine
          action={
            <a class="button quiet" href={addressOf("settings", { see: "backups" })}>
              {t("action.fix")}
            </a>
          }
        >
          {noBackup.last_good_at
            ? t("today.no_backup", { when: formatDateTime(noBackup.last_good_at, now.value) })
            : t("today.no_backup_ever")}
        </QuietLine>
      )}
      {years.length > 0 && (
        <QuietLine
          action={
            isAdmin.value && (
              <a class="button quiet" href={addressOf("roster", { plan: "days" })}>
                {t("today.calendar_fix")}
              </a>
            )
          }
        >
          {t("calendar.provisional", { year: listed(years.map(String)) })}
        </QuietLine>
      )}
    </>
  );
}
