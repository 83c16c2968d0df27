import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { useTeams } from "../api/teams";
import { t } from "../i18n";
import { lazyDialog } from "../lib/lazy";
import { formatPeriods } from "../shifts/periods";
import { EmptyState } from "../ui/EmptyState";
import { ShiftBadge } from "../ui/ShiftBadge";
import { ShapeAndWord, wordOf } from "../ui/StateMark";
import { type Filter, keyOf, markOfPerson, type ShiftGroup, type ShiftGroupPerson } from "./shiftGroups";

const PersonDay = lazyDialog(() => import("./PersonDay").then((it) => it.PersonDay));

export interface PeopleProps {
  groups: readonly ShiftGroup[];
  filter: Filter | null;
  onChanged: () => Promise<void>;
}

export interface GroupsProps {
  groups: readonly ShiftGroup[];
  /** Where the person is who was opened, also after they have left the shown groups. */
  known: readonly ShiftGroup[];
  isFiltered: boolean;
  /** What follows the people of a group. */
  after?: (group: ShiftGroup) => ComponentChild;
  onChanged: () => Promise<void>;
}

/** The people of today by shift, and the day of the one who was opened. */
export function Groups({ groups, known, isFiltered, after, onChanged }: GroupsProps) {
  const [open, setOpen] = useState<number | null>(null);
  const teams = useTeams();
  const nameOf = (id: number | null) => teams.value?.find((each) => each.id === id)?.name;
  const hasManyTeams = new Set(groups.map((group) => group.team_id)).size > 1;
  const opened = known.flatMap((group) => group.people).find((person) => person.user_id === open);
  const openedDate = known.find((group) => group.people.some((person) => person === opened))?.work_date;

  return (
    <>
      {groups.length === 0 && (isFiltered ? <p class="soft">{t("today.group_empty")}</p> : <NobodyToday />)}
      {groups.map((group) => (
        <div class="shift-group" key={keyOf(group)}>
          <h2 class="shift-group-head">
            <ShiftBadge shift={group.shift} name={group.shift.name} />
            {hasManyTeams && <span class="soft small">{nameOf(group.team_id)}</span>}
            <span class="soft small figures">{formatPeriods(group.shift.periods)}</span>
            <span class="soft small figures">{t("person.count", { n: group.count })}</span>
          </h2>
          <ul class="chips">
            {group.people.map((person) => (
              <Chip key={person.user_id} person={person} onOpen={() => setOpen(person.user_id)} />
            ))}
            {after?.(group)}
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
    </>
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
