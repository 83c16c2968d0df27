import { useList } from "../api/get";
import { peopleChoices, usePeople } from "../api/people";
import { isPlanner } from "../api/session";
import { namedChoices, useTeams } from "../api/teams";
import { translationOf } from "../i18n";
import { Button } from "../ui/Button";
import { SelectField, TextField } from "../ui/Field";
import { isFiltered, type LogFilter, OCCASIONS, STATUSES } from "./filter";
import { t } from "./words";

interface LogFiltersProps {
  filter: LogFilter;
  search: { typed: string; setTyped: (text: string) => void };
  onFilter: (change: Partial<LogFilter>) => void;
  onClear: () => void;
}

/** What the log is searched and filtered by. */
export function LogFilters({ filter, search, onFilter, onClear }: LogFiltersProps) {
  const channels = useList("/api/v1/channels", {}, ["channel"]);
  const people = usePeople(isPlanner.value);
  const teams = useTeams().value ?? [];
  return (
    <search class="log-filters compact">
      <TextField
        label={t("search")}
        type="search"
        placeholder={t("search_hint")}
        maxLength={80}
        value={search.typed}
        onValue={search.setTyped}
      />
      <SelectField
        label={t("log.status")}
        value={filter.status ?? ""}
        choices={[
          { value: "", label: t("log.all_statuses") },
          ...STATUSES.map((each) => ({ value: each, label: t(`status.${each}`) })),
        ]}
        onValue={(value) => onFilter({ status: value || undefined })}
      />
      <SelectField
        label={t("log.channel")}
        value={filter.channel ?? 0}
        choices={[{ value: 0, label: t("log.all_channels") }, ...namedChoices(channels.value)]}
        onValue={(value) => onFilter({ channel: value || undefined })}
      />
      {isPlanner.value && (
        <SelectField
          label={t("roster.person")}
          value={filter.person ?? 0}
          choices={[{ value: 0, label: t("log.all_people") }, ...peopleChoices(people.value)]}
          onValue={(value) => onFilter({ person: value || undefined })}
        />
      )}
      {isPlanner.value && teams.length > 1 && (
        <SelectField
          label={t("team.one")}
          value={filter.team ?? 0}
          choices={[{ value: 0, label: t("log.all_teams") }, ...namedChoices(teams)]}
          onValue={(value) => onFilter({ team: value || undefined })}
        />
      )}
      <details class="advanced" open={Boolean(filter.occasion || filter.from || filter.to)}>
        <summary>{t("more")}</summary>
        <div class="log-filters">
          <SelectField
            label={t("occasion")}
            value={filter.occasion ?? ""}
            choices={[
              { value: "", label: t("all_occasions") },
              ...OCCASIONS.map((each) => ({
                value: each,
                label: translationOf(`occasion.${each}`) ?? each,
              })),
            ]}
            onValue={(value) => onFilter({ occasion: value || undefined })}
          />
          <TextField
            label={t("from")}
            type="date"
            value={filter.from}
            onValue={(value) => onFilter({ from: value })}
          />
          <TextField
            label={t("to")}
            type="date"
            value={filter.to}
            onValue={(value) => onFilter({ to: value })}
          />
        </div>
      </details>
      {isFiltered(filter) && (
        <Button look="quiet" onClick={onClear}>
          {t("log.clear")}
        </Button>
      )}
    </search>
  );
}
