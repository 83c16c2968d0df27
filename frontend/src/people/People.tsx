import { useState } from "preact/hooks";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { isAdmin } from "../api/session";
import { t } from "../i18n";
import { Button } from "../ui/Button";
import { EmptyState, Loaded } from "../ui/EmptyState";
import { SelectField, TextField } from "../ui/Field";
import { Page } from "../ui/Page";
import { PersonEditor } from "./PersonEditor";
import { TeamEditor } from "./TeamEditor";

export type Person = components["schemas"]["UserRead"];
export type Team = components["schemas"]["TeamRead"];

export function People() {
  const people = useResource("people", async () => (await api.get("/api/v1/users")).items);
  const teams = useResource("teams", async () => (await api.get("/api/v1/teams")).items);
  const [team, setTeam] = useState(0);
  const [wanted, setWanted] = useState("");
  const [editing, setEditing] = useState<Person | "new" | null>(null);
  const [editingTeam, setEditingTeam] = useState<Team | "new" | null>(null);
  const teamName = (id: number | null) =>
    teams.value?.find((each) => each.id === id)?.name ?? t("person.no_team");

  const isWanted = (person: Person) =>
    (team === 0 || person.team_id === team) &&
    `${person.display_name} ${person.username} ${person.mobile ?? ""}`
      .toLowerCase()
      .includes(wanted.trim().toLowerCase());

  return (
    <Page
      title={t("page.people")}
      actions={
        <>
          {isAdmin.value && (
            <Button icon="plus" onClick={() => setEditingTeam("new")}>
              {t("team.new")}
            </Button>
          )}
          <Button look="main" icon="plus" onClick={() => setEditing("new")}>
            {t("person.new")}
          </Button>
        </>
      }
    >
      <Loaded from={people}>
        {(all) => {
          const shown = all.filter(isWanted);
          return (
            <>
              <div class="form-row">
                <TextField label={t("person.search")} type="search" value={wanted} onValue={setWanted} />
                <SelectField
                  label={t("team.one")}
                  value={team}
                  choices={[
                    { value: 0, label: t("team.all") },
                    ...(teams.value ?? []).map((each) => ({ value: each.id, label: each.name })),
                  ]}
                  onValue={setTeam}
                />
              </div>
              <p class="soft small people-count" role="status">
                {t("person.count", { n: shown.length })}
              </p>
              {shown.length === 0 ? (
                <EmptyState title={t("person.none")} />
              ) : (
                <ul class="rows">
                  {shown.map((person) => (
                    <li key={person.id}>
                      <button type="button" class="row-link" onClick={() => setEditing(person)}>
                        <span class={`grow${person.is_active ? "" : " soft"}`}>
                          <b>{person.display_name}</b> <span class="soft">{person.username}</span>
                          <br />
                          <span class="soft small">
                            {teamName(person.team_id)}
                            {person.is_active ? "" : ` · ${t("person.inactive")}`}
                          </span>
                        </span>
                        <span class="soft small">{t(`role.${person.role}`)}</span>
                      </button>
                    </li>
                  ))}
                </ul>
              )}
            </>
          );
        }}
      </Loaded>
      {(teams.value?.length ?? 0) > 0 && (
        <>
          <h2 class="section-head">{t("team.many")}</h2>
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
        </>
      )}
      {editing && (
        <PersonEditor
          person={editing === "new" ? null : editing}
          teams={teams.value ?? []}
          onClose={() => setEditing(null)}
          onSaved={() => {
            setEditing(null);
            void people.reload();
          }}
        />
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
