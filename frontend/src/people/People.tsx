import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { usePages } from "../api/pages";
import { isAdmin } from "../api/session";
import { namedChoices, type Team, teamNameIn, useTeams } from "../api/teams";
import { addressOf, place, stay } from "../lib/router";
import { useMinWidth } from "../lib/useMinWidth";
import { useSearchText } from "../lib/useSearchText";
import { ReadMore } from "../parts/ReadMore";
import { Button } from "../ui/Button";
import { EmptyState, Loaded } from "../ui/EmptyState";
import { SelectField, TextField } from "../ui/Field";
import { Page } from "../ui/Page";
import { PeopleImport } from "./PeopleImport";
import { PersonBody, usePerson } from "./PersonBody";
import { PersonEditor } from "./PersonEditor";

import { mayChange, type Person } from "./person";
import { TeamEditor } from "./TeamEditor";
import { t } from "./words";
import "./people.css";

const PAGE_SIZE = 50;
const STATES = { active: true, inactive: false, all: undefined } as const;
type State = keyof typeof STATES;

/** Everybody; or one person, on a desk with everybody beside them. */
export function People() {
  const query = place.value.query;
  const open = Number(query.get("person")) || null;
  const isDesk = useMinWidth(1200);
  const person = usePerson(open);
  const found = open === null ? null : person.value?.found;
  const isGone = open !== null && person.value?.found === null;
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
  const [opened, setOpened] = useState<"new" | "import" | "edit" | null>(null);
  const [editingTeam, setEditingTeam] = useState<Team | "new" | null>(null);

  const inAddress = { team: team || "", state: state === "active" ? "" : state, q: wanted };
  // Whoever was open may have been deleted.
  const wasOpen = useRef(open);
  useEffect(() => {
    if (wasOpen.current !== null && open === null) void people.first.reload();
    wasOpen.current = open;
  }, [open]);
  const personChanged = async () => {
    await person.reload();
    void people.first.reload();
  };
  const filter = (change: Record<string, string | number>) => stay({ ...inAddress, person: open, ...change });

  return (
    <Page
      title={isGone ? t("page.gone") : (found?.display_name ?? t("page.people"))}
      class={`people-page${open ? " with-person" : ""}`}
      actions={
        open === null ? (
          <>
            <Button onClick={() => setOpened("import")}>{t("list.import")}</Button>
            <Button look="main" icon="plus" onClick={() => setOpened("new")}>
              {t("person.new")}
            </Button>
          </>
        ) : (
          found && mayChange(found) && <Button onClick={() => setOpened("edit")}>{t("page.edit")}</Button>
        )
      }
    >
      {open !== null && (
        <PersonBody
          key={open}
          person={person}
          teams={teams.value}
          back={addressOf("people", inAddress)}
          onChanged={personChanged}
        />
      )}
      {(open === null || isDesk) && (
        <section key="list" class="people-list" aria-label={t("page.people")}>
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
                  <EmptyState title={t("person.none")}>
                    <Button
                      onClick={() => {
                        search.setTyped("");
                        stay({ person: open });
                      }}
                    >
                      {t("log.clear")}
                    </Button>
                  </EmptyState>
                ) : (
                  <ul class="rows">
                    {people.items.map((person) => (
                      <PersonLine
                        key={person.id}
                        person={person}
                        team={teamNameIn(teams.value, person.team_id)}
                        address={addressOf("people", { ...inAddress, person: person.id })}
                        isOpen={person.id === open}
                      />
                    ))}
                  </ul>
                )}
                <ReadMore pages={people} label={t("list.more")} />
              </>
            )}
          </Loaded>
        </section>
      )}
      {open === null && (
        <section class="people-teams">
          <div class="section-head">
            <h2>{t("team.many")}</h2>
            {isAdmin.value && (
              <Button icon="plus" onClick={() => setEditingTeam("new")}>
                {t("team.new")}
              </Button>
            )}
          </div>
          <Loaded from={teams}>
            {(all) => (
              <ul class="rows">
                {all.map((each) => (
                  <li key={each.id}>
                    <button type="button" class="row-link" onClick={() => setEditingTeam(each)}>
                      <span class="grow">{each.name}</span>
                      <span class="soft small">{each.timezone}</span>
                    </button>
                  </li>
                ))}
              </ul>
            )}
          </Loaded>
        </section>
      )}
      {opened === "edit" && found && (
        <PersonEditor
          person={found}
          teams={teams.value ?? []}
          onClose={() => setOpened(null)}
          onSaved={() => void personChanged()}
        />
      )}
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

function PersonLine(props: { person: Person; team: string; address: string; isOpen: boolean }) {
  const { person, team } = props;
  const notes = [team];
  if (!person.is_active) notes.push(t("person.inactive"));
  else if (!person.has_password) notes.push(t("list.invited"));
  return (
    <li>
      <a class="row-link" href={props.address} aria-current={props.isOpen || undefined}>
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
