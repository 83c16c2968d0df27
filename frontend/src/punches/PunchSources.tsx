import { useState } from "preact/hooks";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import { useTeams } from "../api/teams";
import { Nearby } from "../channels/Nearby";
import { localized } from "../i18n";
import { lazy } from "../lib/lazy";
import { place } from "../lib/router";
import { formatDateTime } from "../lib/time";
import { Button } from "../ui/Button";
import { EmptyState, Loaded } from "../ui/EmptyState";
import { Page } from "../ui/Page";
import { ShapeAndWord } from "../ui/StateMark";
import type { Source } from "./source";
import { t } from "./words";
import "../channels/channels.css";

const SourceEditor = lazy(() => import("./SourceEditor").then((it) => it.SourceEditor));
const TestSource = lazy(() => import("./TestSource").then((it) => it.TestSource));

export function PunchSources() {
  const sources = useResource("sources", async () => (await api.get("/api/v1/punch-sources")).items, [
    "punch",
  ]);
  const kinds = useResource("source kinds", async () => (await api.get("/api/v1/punch-sources/kinds")).items);
  const teams = useTeams();
  const [editing, setEditing] = useState<Source | "new" | null>(null);
  const [testing, setTesting] = useState<Source | null>(null);
  const wanted = Number(place.value.query.get("id"));
  const close = () => {
    setEditing(null);
    setTesting(null);
    void sources.reload();
  };

  return (
    <Page
      title={t("page.punch_sources")}
      actions={
        <Button look="main" icon="plus" disabled={!kinds.value} onClick={() => setEditing("new")}>
          {t("new")}
        </Button>
      }
    >
      <Nearby />
      <Loaded from={sources}>
        {(all) =>
          all.length === 0 ? (
            <EmptyState title={t("empty")} text={t("empty_text")} />
          ) : (
            <>
              <p class="soft source-text">{t("text")}</p>
              <ul class="rows">
                {all.map((source) => (
                  <SourceLine
                    key={source.id}
                    source={source}
                    kind={localized(kinds.value?.find((kind) => kind.kind === source.kind)?.labels) ?? ""}
                    team={
                      source.team_id === null
                        ? t("everybody")
                        : (teams.value?.find((team) => team.id === source.team_id)?.name ?? t("team"))
                    }
                    isWanted={source.id === wanted}
                    onEdit={() => setEditing(source)}
                    onTest={() => setTesting(source)}
                  />
                ))}
              </ul>
            </>
          )
        }
      </Loaded>
      {editing && kinds.value && (
        <SourceEditor
          source={editing === "new" ? null : editing}
          kinds={kinds.value}
          teams={teams.value ?? []}
          onClose={() => setEditing(null)}
          onSaved={close}
        />
      )}
      {testing && <TestSource source={testing} onClose={close} />}
    </Page>
  );
}

const SHAPE = { ok: "●", broken: "✕", failing: "◐", over_budget: "⏸" } as const;
const LOOK = { ok: "done", broken: "missed", failing: "missed", over_budget: "waiting" } as const;

function SourceLine(props: {
  source: Source;
  kind: string;
  team: string;
  isWanted: boolean;
  onEdit: () => void;
  onTest: () => void;
}) {
  const { source } = props;
  const facts = [
    source.is_from_environment ? t("environment_short") : props.kind,
    props.team,
    source.target,
  ].filter(Boolean);
  return (
    <li class={`channel${props.isWanted ? " wanted" : ""}`}>
      <div class="channel-line">
        <button type="button" class="channel-open" onClick={props.onEdit}>
          <span class="channel-name">{source.name}</span>
          <span class="soft small">{facts.join(" · ")}</span>
        </button>
        {source.is_enabled ? (
          <ShapeAndWord
            look={LOOK[source.status]}
            shape={SHAPE[source.status]}
            word={t(`state.${source.status}`)}
          />
        ) : (
          <ShapeAndWord look="skipped" shape="⏸" word={t("off")} />
        )}
        {source.may_change && (
          <Button look="plain" aria-label={t("test_named", { name: source.name })} onClick={props.onTest}>
            {t("test")}
          </Button>
        )}
      </div>
      <p class="soft small figures">
        {source.monthly_calls > 0
          ? t("calls_of", { n: source.calls_this_month, most: source.monthly_calls })
          : t("calls", { n: source.calls_this_month })}
        {" · "}
        {source.answered_at ? t("answered", { when: formatDateTime(source.answered_at) }) : t("never")}
      </p>
      {source.is_enabled && <State source={source} />}
    </li>
  );
}

/** What is the matter, since when, and what to do. */
function State({ source }: { source: Source }) {
  if (source.status === "ok")
    return source.throttled_until ? (
      <p class="soft small">{t("throttled_until", { when: formatDateTime(source.throttled_until) })}</p>
    ) : null;
  const remedy = localized(source.remedy);
  return (
    <div class="channel-state">
      {source.status_at && (
        <p class={`small${source.status === "over_budget" ? "" : " urgent"}`}>
          {t("since", { when: formatDateTime(source.status_at) })}
        </p>
      )}
      {remedy && <p class="small">{remedy}</p>}
      {source.throttled_until && (
        <p class="soft small">{t("throttled_until", { when: formatDateTime(source.throttled_until) })}</p>
      )}
      {source.status_reason && (
        <p class="small provider-words">
          {t("said")}: <q>{source.status_reason}</q>
        </p>
      )}
    </div>
  );
}
