import { useState } from "preact/hooks";
import { api, apiAddress } from "../api/client";
import { usePages } from "../api/pages";
import { usePeople } from "../api/people";
import { namedChoices, nameIn, useTeams } from "../api/teams";
import { addDays, dateIn } from "../lib/dates";
import { groupsOf } from "../lib/groups";
import { currentDate } from "../lib/now";
import { place, stay } from "../lib/router";
import { dateOf, formatRelativeDay, formatTime, startOfDay } from "../lib/time";
import { useSearchText } from "../lib/useSearchText";
import { DownloadButton } from "../parts/DownloadButton";
import { ReadMore } from "../parts/ReadMore";
import { Button } from "../ui/Button";
import { EmptyState, Loaded, QuietLine } from "../ui/EmptyState";
import { SelectField, TextField } from "../ui/Field";
import { Page } from "../ui/Page";
import { Change } from "./Change";
import { describeEntry, type Entry, type Names, summaryOf } from "./diff";
import { t } from "./words";
import "./audit.css";

const KINDS = [
  "user",
  "team",
  "session",
  "api_token",
  "channel",
  "punch_source",
  "shift",
  "roster",
  "scheduler",
  "backup",
] as const;
const PAGE_SIZE = 50;
const FILTERS = ["q", "kind", "who", "about", "team", "from", "to"] as const;

/** Who changed what, before and after, from where. Reading only: nobody changes it. */
export function Audit() {
  const query = place.value.query;
  const asked = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? ""])) as Record<
    (typeof FILTERS)[number],
    string
  >;
  const { typed, setTyped, text } = useSearchText(asked.q, (q) => filter({ q }));
  const filter = (change: Partial<typeof asked>) => stay({ ...asked, q: text, ...change });

  const [from, to] = [dateIn(asked.from), dateIn(asked.to)];
  const search = {
    q: text,
    subject_kind: asked.about ? "user" : asked.kind,
    subject_id: Number(asked.about) || undefined,
    actor_id: Number(asked.who) || undefined,
    team_id: Number(asked.team) || undefined,
    from: from && startOfDay(from),
    to: to && startOfDay(addDays(to, 1)),
  };
  const isFiltered = FILTERS.some((name) => asked[name]) || text !== "";
  const entries = usePages<Entry>(JSON.stringify(search), (cursor) =>
    api.get("/api/v1/audit", { query: { ...search, limit: PAGE_SIZE, cursor } }),
  );
  const people = usePeople();
  const teams = useTeams();
  const names: Names = {
    team: (id) => nameIn(teams.value, id),
    person: (id) => people.value?.find((each) => each.id === id)?.display_name,
  };
  const [open, setOpen] = useState<number | null>(null);

  return (
    <Page
      title={t("page.audit")}
      class="audit-page beside-detail"
      actions={
        <DownloadButton
          address={apiAddress("/api/v1/audit/export", search)}
          name="daka-audit.csv"
          label={t("audit.export")}
        />
      }
    >
      <fieldset class="form-row audit-filters">
        <legend class="only-heard">{t("log.filters")}</legend>
        <TextField
          label={t("audit.search")}
          type="search"
          placeholder={t("audit.search_hint")}
          value={typed}
          onValue={setTyped}
        />
        <SelectField<string>
          label={t("audit.kind")}
          value={asked.about ? "user" : asked.kind}
          choices={[
            { value: "", label: t("audit.all_kinds") },
            ...KINDS.map((kind) => ({ value: kind as string, label: t(`kind.${kind}`) })),
          ]}
          onValue={(kind) => filter({ kind, about: "" })}
        />
        <SelectField<string>
          label={t("audit.who")}
          value={asked.who}
          choices={[
            { value: "", label: t("audit.anybody") },
            ...(people.value ?? []).map((person) => ({
              value: String(person.id),
              label: person.display_name,
            })),
          ]}
          onValue={(who) => filter({ who })}
        />
        {teams.value && teams.value.length > 1 && (
          <SelectField
            label={t("team.one")}
            value={Number(asked.team)}
            choices={[{ value: 0, label: t("log.all_teams") }, ...namedChoices(teams.value)]}
            onValue={(team) => filter({ team: team ? String(team) : "" })}
          />
        )}
        <TextField
          label={t("audit.from")}
          type="date"
          value={asked.from}
          onValue={(from) => filter({ from })}
        />
        <TextField label={t("audit.to")} type="date" value={asked.to} onValue={(to) => filter({ to })} />
      </fieldset>
      {asked.about && (
        <QuietLine
          action={
            <Button look="quiet" onClick={() => filter({ about: "" })}>
              {t("audit.clear")}
            </Button>
          }
        >
          {t("audit.about")}
        </QuietLine>
      )}
      <Loaded from={entries.first}>
        {() =>
          entries.items.length === 0 ? (
            isFiltered ? (
              <EmptyState title={t("audit.none")}>
                <Button
                  onClick={() => {
                    setTyped("");
                    stay({});
                  }}
                >
                  {t("audit.clear")}
                </Button>
              </EmptyState>
            ) : (
              <EmptyState title={t("audit.empty")} text={t("audit.empty_text")} />
            )
          ) : (
            <>
              {[...groupsOf(entries.items, (entry) => dateOf(entry.at))].map(([day, some]) => (
                <section key={day}>
                  <h2 class="audit-day">{formatRelativeDay(day, currentDate.value)}</h2>
                  <ul class="rows">
                    {some.map((entry) => (
                      <Line
                        key={entry.id}
                        entry={entry}
                        names={names}
                        isOpen={open === entry.id}
                        onToggle={() => setOpen(open === entry.id ? null : entry.id)}
                      />
                    ))}
                  </ul>
                </section>
              ))}
              <ReadMore pages={entries} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function Line(props: { entry: Entry; names: Names; isOpen: boolean; onToggle: () => void }) {
  const { entry, isOpen } = props;
  const summary = summaryOf(entry, props.names);
  return (
    <li>
      <button type="button" class="audit-line" aria-expanded={isOpen} onClick={props.onToggle}>
        <time class="soft">{formatTime(entry.at)}</time>
        <span class="grow">
          {describeEntry(entry)}
          {summary && <span class="soft small audit-summary">{summary}</span>}
        </span>
        <span class="soft small audit-address">{entry.address}</span>
      </button>
      {isOpen && <Change entry={entry} names={props.names} />}
    </li>
  );
}
