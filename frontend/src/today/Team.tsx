import { useState } from "preact/hooks";
import { api } from "../api/client";
import type { components } from "../api/schema";
import { isAdmin } from "../api/session";
import { useTeams } from "../api/teams";
import { type Key, listed, localized, t } from "../i18n";
import { now } from "../lib/now";
import { addressOf } from "../lib/router";
import { formatDate, formatDateTime } from "../lib/time";
import { formatPeriods } from "../shifts/periods";
import { attempt } from "../ui/attempt";
import { Button } from "../ui/Button";
import { EmptyState, QuietLine } from "../ui/EmptyState";
import { ShiftBadge } from "../ui/ShiftBadge";
import { ShapeAndWord, wordOf } from "../ui/StateMark";
import { PersonDay } from "./PersonDay";
import { type Filter, markOfPerson, type ShiftGroupPerson, shownGroups } from "./shiftGroups";

type TeamDay = components["schemas"]["TeamDay"];

const NUMBERS: readonly { filter: Filter; label: Key }[] = [
  { filter: "to_punch", label: "today.to_punch" },
  { filter: "nagging", label: "today.nagging" },
  { filter: "missed", label: "today.missed" },
];

/** What a planner sees: three numbers, and the people of today in groups by shift. */
export function Team({ team, onChanged }: { team: TeamDay; onChanged: () => Promise<void> }) {
  const [filter, setFilter] = useState<Filter | null>(null);
  const [open, setOpen] = useState<number | null>(null);
  const groups = shownGroups(team.groups, filter);
  const teams = useTeams();
  const nameOf = (id: number | null) => teams.value?.find((each) => each.id === id)?.name;
  const hasManyTeams = new Set(groups.map((group) => group.team_id)).size > 1;
  const opened = team.groups.flatMap((group) => group.people).find((person) => person.user_id === open);
  const openedDate = team.groups.find((group) => group.people.some((person) => person === opened))?.work_date;

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
            <b>{team.counts[number.filter]}</b>
            <span class="small">{t(number.label)}</span>
          </button>
        ))}
      </fieldset>
      {groups.length === 0 && (filter ? <p class="soft">{t("today.group_empty")}</p> : <NobodyToday />)}
      {groups.map((group) => (
        <div class="shift-group" key={`${group.team_id} ${group.work_date} ${group.shift.id}`}>
          <h2 class="shift-group-head">
            <ShiftBadge shift={group.shift} name={group.shift.name} />
            {hasManyTeams && <span class="soft small">{nameOf(group.team_id)}</span>}
            <span class="soft small figures">{formatPeriods(group.shift.periods)}</span>
            <span class="soft small figures">{t("person.count", { n: group.people.length })}</span>
          </h2>
          <ul class="chips">
            {group.people.map((person) => (
              <Chip key={person.user_id} person={person} onOpen={() => setOpen(person.user_id)} />
            ))}
          </ul>
        </div>
      ))}
      {opened && openedDate && (
        <PersonDay
          person={opened}
          workDate={openedDate}
          onClose={() => setOpen(null)}
          onChanged={onChanged}
        />
      )}
    </section>
  );
}

const NobodyToday = () => (
  <EmptyState title={t("today.team_empty")} text={t("today.team_empty_text")}>
    <a class="button plain" href="/roster">
      {t("today.team_empty_step")}
    </a>
  </EmptyState>
);

function Chip({ person, onOpen }: { person: ShiftGroupPerson; onOpen: () => void }) {
  const mark = markOfPerson(person.reminders);
  return (
    <li>
      <button type="button" class={`chip ${mark}`} onClick={onOpen}>
        <ShapeAndWord look={mark} word={wordOf(mark, person.reminders.at(-1)?.ended_by)} isShort />
        <span class="name">{person.display_name}</span>
      </button>
    </li>
  );
}

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
