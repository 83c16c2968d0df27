import { useEffect } from "preact/hooks";
import { api } from "../api/client";
import { Problem } from "../api/problem";
import { useResource } from "../api/resource";
import { isAdmin } from "../api/session";
import { type Team, teamNameIn } from "../api/teams";
import { addressOf, hasMoved } from "../lib/router";
import { EmptyState, Loaded } from "../ui/EmptyState";
import { PersonAccess } from "./PersonAccess";
import { PersonData } from "./PersonData";
import { PersonMoves } from "./PersonMoves";
import { PersonTerms } from "./PersonTerms";
import { PersonChannels, PersonReminders, PersonShifts } from "./PersonWork";
import { mayChange, type Person } from "./person";
import { t } from "./words";

/** One person, or that there is none; null while nobody is asked for. */
export function usePerson(id: number | null) {
  return useResource(`person ${id}`, async () => {
    if (id === null) return null;
    try {
      return { found: await api.get("/api/v1/users/{user_id}", { path: { user_id: id } }) };
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return { found: null };
      throw error;
    }
  });
}

interface PersonBodyProps {
  person: ReturnType<typeof usePerson>;
  teams: readonly Team[] | null;
  /** The list's address. */
  back: string;
  onChanged: () => Promise<void>;
}

/** One person: who they are, what is planned for them, and everything that may be done about them. */
export function PersonBody({ person, teams, back, onChanged }: PersonBodyProps) {
  // The page is the same one, so nothing else moves the focus from the list.
  useEffect(() => {
    if (hasMoved.peek()) document.querySelector("h1")?.focus({ preventScroll: true });
  }, []);
  const ways = (found: Person | null) => (
    <p class="person-ways">
      <a href={back}>{t("page.back")}</a>
      {found && isAdmin.value && <a href={addressOf("audit", { about: found.id })}>{t("page.to_audit")}</a>}
    </p>
  );
  return (
    <div class="person-body">
      {person.value === null && person.error !== null && ways(null)}
      <Loaded from={person}>
        {(answer) =>
          answer?.found ? (
            <>
              {ways(answer.found)}
              <Facts person={answer.found} teams={teams} />
              <PersonShifts person={answer.found} />
              <PersonReminders person={answer.found} />
              <PersonChannels person={answer.found} />
              {answer.found.team_id !== null && (
                <PersonTerms person={answer.found} teamId={answer.found.team_id} />
              )}
              {mayChange(answer.found) && (
                <>
                  <PersonMoves person={answer.found} teams={teams} onMoved={onChanged} />
                  <PersonAccess person={answer.found} onChanged={onChanged} />
                  <PersonData person={answer.found} />
                </>
              )}
            </>
          ) : (
            answer && <EmptyState title={t("page.gone_text")}>{ways(null)}</EmptyState>
          )
        }
      </Loaded>
    </div>
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
      {person.wecom_userid && (
        <div>
          <dt>{t("person.wecom")}</dt>
          <dd>{person.wecom_userid}</dd>
        </div>
      )}
      {person.feishu_userid && (
        <div>
          <dt>{t("person.feishu")}</dt>
          <dd>{person.feishu_userid}</dd>
        </div>
      )}
    </dl>
  );
}
