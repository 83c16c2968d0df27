import { api } from "../api/client";
import { useResource } from "../api/resource";
import { me } from "../api/session";
import { namedChoices, useTeams } from "../api/teams";
import { Nearby } from "../channels/Nearby";
import { LANGUAGES, type Language, language as ownLanguage } from "../i18n";
import { addressOf, place, stay } from "../lib/router";
import { languageChoices } from "../parts/MessageLanguage";
import { EmptyState, Loaded } from "../ui/EmptyState";
import { Segments, SelectField } from "../ui/Field";
import { Icon } from "../ui/Icon";
import { Page } from "../ui/Page";
import { StageEditor } from "./StageEditor";
import type { Stage } from "./template";
import { t } from "./words";
import "../channels/channels.css";
import "./templates.css";

const STAGES: readonly Stage[] = [
  "clock_in_before",
  "clock_in_after",
  "clock_out_before",
  "clock_out_after",
  "escalation",
];

export function Templates() {
  const query = place.value.query;
  const teams = useTeams();
  const asked = Number(query.get("team")) || me.value?.team_id;
  const team = teams.value?.find((each) => each.id === asked) ?? teams.value?.[0];
  const stage = STAGES.find((each) => each === query.get("stage"));
  const language =
    LANGUAGES.find((each) => each === query.get("language")) ?? team?.language ?? ownLanguage.value;
  return (
    <Page title={stage ? t(`stage.${stage}`) : t("page.templates")} class="templates-page">
      <Nearby />
      <Loaded from={teams}>
        {(all) =>
          !team ? (
            <EmptyState title={t("no_teams")} text={t("no_teams_text")} />
          ) : stage ? (
            <StageEditor
              key={`${team.id} ${stage} ${language}`}
              team={team}
              stage={stage}
              language={language}
            />
          ) : (
            <>
              <p class="soft">{t("text")}</p>
              <div class="form-row">
                {all.length > 1 && (
                  <SelectField
                    label={t("team.one")}
                    value={team.id}
                    choices={namedChoices(all)}
                    onValue={(id) => stay({ team: id })}
                  />
                )}
                <Segments<Language>
                  label={t("message_language")}
                  value={language}
                  choices={languageChoices()}
                  onValue={(next) => stay({ language: next })}
                />
              </div>
              <Stages key={`${team.id} ${language}`} teamId={team.id} language={language} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

interface Shown {
  stage: Stage;
  title: string;
  line: string;
  /** How many ways of their own; 0 is the built-in one. */
  own: number;
}

/** The current texts: a team's own as templates, the built-in ones rendered. */
async function wordsOf(teamId: number, language: Language): Promise<Shown[]> {
  const own = (await api.get("/api/v1/templates", { query: { team_id: teamId } })).items;
  return Promise.all(
    STAGES.map(async (stage) => {
      const variants = own.find((each) => each.stage === stage && each.language === language)?.variants ?? [];
      const body = {
        stage,
        language,
        kind: "inbox",
        people: 1,
        ...(variants[0] && { variant: variants[0] }),
      };
      const shown = await api.post("/api/v1/templates/preview", { body });
      return { stage, title: shown.title, line: shown.paragraphs[0] ?? "", own: variants.length };
    }),
  );
}

function Stages({ teamId, language }: { teamId: number; language: Language }) {
  const stages = useResource(`templates ${teamId} ${language}`, () => wordsOf(teamId, language));
  return (
    <Loaded from={stages}>
      {(all) => (
        <ul class="rows stages">
          {all.map(({ stage, title, line, own }) => (
            <li key={stage}>
              <a class="row-link" href={addressOf("templates", { team: teamId, stage, language })}>
                <span class="grow">
                  <b>{t(`stage.${stage}`)}</b>
                  <span class="stage-words">{title}</span>
                  <span class="soft small">{line}</span>
                </span>
                <span class={`small ${own ? "" : "soft"}`}>
                  {own > 1 ? t("own_n", { n: own }) : t(own ? "own" : "built_in")}
                </span>
                <Icon name="forward" size={16} />
              </a>
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}
