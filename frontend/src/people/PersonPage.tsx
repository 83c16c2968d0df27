import { useState } from "preact/hooks";
import { api } from "../api/client";
import { Problem } from "../api/problem";
import { useResource } from "../api/resource";
import { isAdmin } from "../api/session";
import { type Team, teamNameIn, useTeams } from "../api/teams";
import { addressOf } from "../lib/router";
import { Button } from "../ui/Button";
import { EmptyState, Loaded } from "../ui/EmptyState";
import { Page } from "../ui/Page";
import { PersonAccess } from "./PersonAccess";
import { PersonData } from "./PersonData";
import { PersonEditor } from "./PersonEditor";
import { PersonMoves } from "./PersonMoves";
import { PersonTerms } from "./PersonTerms";
import { PersonChannels, PersonReminders, PersonShifts } from "./PersonWork";
import { mayChange, type Person } from "./person";
import { t } from "./words";

/** One person: who they are, what is planned for them, and everything that may be done about them. */
export function PersonPage({ id }: { id: number }) {
  const teams = useTeams();
  const person = useResource(`person ${id}`, async () => {
    try {
      return { found: await api.get("/api/v1/users/{user_id}", { path: { user_id: id } }) };
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return { found: null };
      throw error;
    }
  });
  const [isEditing, setEditing] = useState(false);
  const found = person.value?.found;
  const back = (
    <p class="person-ways">
      <a href={addressOf("people")}>{t("page.back")}</a>
      {found && isAdmin.value && <a href={addressOf("audit", { about: found.id })}>{t("page.to_audit")}</a>}
    </p>
  );
  if (person.value && !found)
    return (
      <Page title={t("page.gone")}>
        <EmptyState title={t("page.gone_text")}>{back}</EmptyState>
      </Page>
    );
  return (
    <Page
      title={found?.display_name ?? t("page.people")}
      class="person-page"
      actions={
        found && mayChange(found) && <Button onClick={() => setEditing(true)}>{t("page.edit")}</Button>
      }
    >
      {back}
      <Loaded from={person}>
        {({ found }) =>
          found && (
            <>
              <Facts person={found} teams={teams.value} />
              <PersonShifts person={found} />
              <PersonReminders person={found} />
              <PersonChannels person={found} />
              {found.team_id !== null && <PersonTerms person={found} teamId={found.team_id} />}
              {mayChange(found) && (
                <>
                  <PersonMoves person={found} teams={teams.value} onMoved={person.reload} />
                  <PersonAccess person={found} onChanged={person.reload} />
                  <PersonData person={found} />
                </>
              )}
            </>
          )
        }
      </Loaded>
      {isEditing && found && (
        <PersonEditor
          person={found}
          teams={teams.value ?? []}
          onClose={() => setEditing(false)}
          onSaved={() => void person.reload()}
        />
      )}
    </Page>
  );
}

function Facts({ person, teams }: { person: Person; teams: readonly Team[] | null }) {
  const state = !person.is_active ? t("person.inactive") : person.has_password ? null : t("list.invited");
  const isMasked = person.mobile?.includes("*") && !isAdmin.value;
  return (
    <dl class="person-facts">
      <div>
        <dt>{t("auth.username")}</dt>
        <dd>{person.username}</dd>
      </div>
      <div>
        <dt>{t("person.role")}</dt>
        <dd>
          {t(`role.${person.role}`)}
          {state && <b> · {state}</b>}
        </dd>
      </div>
      <div>
        <dt>{t("team.one")}</dt>
        <dd>{teamNameIn(teams, person.team_id)}</dd>
      </div>
      <div>
        <dt>{t("person.mobile")}</dt>
        <dd>
          {person.mobile ?? <span class="soft">{t("page.no_mobile")}</span>}
          {isMasked && <span class="note"> {t("page.masked")}</span>}
        </dd>
      </div>
      {person.dingtalk_userid && (
        <div>
          <dt>{t("person.dingtalk")}</dt>
          <dd>{person.dingtalk_userid}</dd>
        </div>
      )}
    </dl>
  );
}
