import { useState } from "preact/hooks";
import { api } from "../api/client";
import { usePages } from "../api/pages";
import { isAdmin } from "../api/session";
import { namedChoices, type Team, teamNameIn, useTeams } from "../api/teams";
import { addressOf, place, stay } from "../lib/router";
import { useSearchText } from "../lib/useSearchText";
import { ReadMore } from "../parts/ReadMore";
import { Button } from "../ui/Button";
import { EmptyState, Loaded } from "../ui/EmptyState";
import { SelectField, TextField } from "../ui/Field";
import { Page } from "../ui/Page";
import { PeopleImport } from "./PeopleImport";
import { PersonEditor } from "./PersonEditor";
import { PersonPage } from "./PersonPage";
import type { Person } from "./person";
import { TeamEditor } from "./TeamEditor";
import { t } from "./words";
import "./people.css";

const PAGE_SIZE = 50;
const STATES = { active: true, inactive: false, all: undefined } as const;
type State = keyof typeof STATES;

export function People() {
  const id = Number(place.value.query.get("person")) || null;
  return id ? <PersonPage key={id} id={id} /> : <PeopleList />;
}

function PeopleList() {
  const query = place.value.query;
  const team = Number(query.get("team")) || 0;
  const state: State = (["inactive", "all"] as const).find((each) => each === query.get("state")) ?? "active";
  const search = useSearchText(query.get("q") ?? "", (q) => filter({ q }));
  const wanted = search.text;
  const teams = useTeams();
  const people = usePages<Person>(`${team} ${state} ${wanted}`, (cursor) =>
    api.get("/api/v1/users", {
      query: { team_id: team || undefined, is_active: STATES[state], q: wanted, limit: PAGE_SIZE, cursor },
    }),
  );
  const [opened, setOpened] = useState<"new" | "import" | null>(null);
  const [editingTeam, setEditingTeam] = useState<Team | "new" | null>(null);

  const filter = (change: Record<string, string | number>) =>
    stay({ team: team || "", state: state === "active" ? "" : state, q: wanted, ...change });

  return (
    <Page
      title={t("page.people")}
      class="people-page"
      actions={
        <>
          <Button onClick={() => setOpened("import")}>{t("list.import")}</Button>
          <Button look="main" icon="plus" onClick={() => setOpened("new")}>
            {t("person.new")}
          </Button>
        </>
      }
    >
      <section class="people-list">
        <div class="form-row">
          <TextField
            label={t("person.search")}
            type="search"
            value={search.typed}
            onValue={search.setTyped}
          />
          <SelectField
            label={t("team.one")}
            value={team}
            choices={[{ value: 0, label: t("team.all") }, ...namedChoices(teams.value)]}
            onValue={(next) => filter({ team: next || "" })}
          />
          <SelectField<State>
            label={t("list.state")}
            value={state}
            choices={[
              { value: "active", label: t("list.active") },
              { value: "inactive", label: t("person.inactive") },
              { value: "all", label: t("list.everybody") },
            ]}
            onValue={(next) => filter({ state: next === "active" ? "" : next })}
          />
        </div>
        <Loaded from={people.first}>
          {() => (
            <>
              <p class="soft small people-count" role="status">
                {people.hasMore
                  ? t("list.shown", { n: people.items.length })
                  : t("person.count", { n: people.items.length })}
              </p>
              {people.items.length === 0 ? (
                <EmptyState title={t("person.none")} />
              ) : (
                <ul class="rows">
                  {people.items.map((person) => (
                    <PersonLine
                      key={person.id}
                      person={person}
                      team={teamNameIn(teams.value, person.team_id)}
                    />
                  ))}
                </ul>
              )}
              <ReadMore pages={people} label={t("list.more")} />
            </>
          )}
        </Loaded>
      </section>
      <section class="people-teams">
        <div class="section-head">
          <h2>{t("team.many")}</h2>
          {isAdmin.value && (
            <Button icon="plus" onClick={() => setEditingTeam("new")}>
              {t("team.new")}
            </Button>
          )}
        </div>
        <ul class="rows">
          {teams.value?.map((each) => (
            <li key={each.id}>
              <button type="button" class="row-link" onClick={() => setEditingTeam(each)}>
                <span class="grow">{each.name}</span>
                <span class="soft small">{each.timezone}</span>
              </button>
            </li>
          ))}
        </ul>
      </section>
      {opened === "new" && (
        <PersonEditor
          person={null}
          teams={teams.value ?? []}
          onClose={() => setOpened(null)}
          onSaved={() => void people.first.reload()}
        />
      )}
      {opened === "import" && (
        <PeopleImport onClose={() => setOpened(null)} onAdded={() => void people.first.reload()} />
      )}
      {editingTeam && (
        <TeamEditor
          team={editingTeam === "new" ? null : editingTeam}
          onClose={() => setEditingTeam(null)}
          onSaved={() => {
            setEditingTeam(null);
            void teams.reload();
          }}
        />
      )}
    </Page>
  );
}

function PersonLine({ person, team }: { person: Person; team: string }) {
  const notes = [team];
  if (!person.is_active) notes.push(t("person.inactive"));
  else if (!person.has_password) notes.push(t("list.invited"));
  return (
    <li>
      <a class="row-link" href={addressOf("people", { person: person.id })}>
        <span class={`grow${person.is_active ? "" : " soft"}`}>
          <b>{person.display_name}</b> <span class="soft">{person.username}</span>
          <br />
          <span class="soft small">{notes.join(" · ")}</span>
        </span>
        <span class="soft small">{t(`role.${person.role}`)}</span>
      </a>
    </li>
  );
}
