import { useState } from "preact/hooks";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import { useTeams } from "../api/teams";
import { Nearby } from "../channels/Nearby";
import { StatusNotes, StatusRow } from "../channels/StatusRow";
import { localized } from "../i18n";
import { lazyDialog } from "../lib/lazy";
import { place } from "../lib/router";
import { formatDateTime } from "../lib/time";
import { Button } from "../ui/Button";
import { EmptyState, Loaded } from "../ui/EmptyState";
import { Page } from "../ui/Page";
import type { Source } from "./source";
import { t } from "./words";
import "../channels/channels.css";

const SourceEditor = lazyDialog(() => import("./SourceEditor").then((it) => it.SourceEditor));
const TestSource = lazyDialog(() => import("./TestSource").then((it) => it.TestSource));

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
  return (
    <StatusRow
      name={source.name}
      facts={[source.is_from_environment ? t("environment_short") : props.kind, props.team, source.target]}
      isWanted={props.isWanted}
      mark={
        source.is_enabled
          ? { look: LOOK[source.status], shape: SHAPE[source.status], word: t(`state.${source.status}`) }
          : { look: "skipped", shape: "⏸", word: t("off") }
      }
      test={
        source.may_change
          ? { label: t("test"), heard: t("test_named", { name: source.name }), run: props.onTest }
          : null
      }
      onOpen={props.onEdit}
    >
      <p class="soft small figures">
        {source.monthly_calls > 0
          ? t("calls_of", { n: source.calls_this_month, most: source.monthly_calls })
          : t("calls", { n: source.calls_this_month })}
        {" · "}
        {source.answered_at ? t("answered", { when: formatDateTime(source.answered_at) }) : t("never")}
      </p>
      {source.is_enabled && <Notes source={source} />}
    </StatusRow>
  );
}

function Notes({ source }: { source: Source }) {
  const throttled = source.throttled_until
    ? t("throttled_until", { when: formatDateTime(source.throttled_until) })
    : null;
  if (source.status === "ok") return throttled && <p class="soft small">{throttled}</p>;
  return (
    <StatusNotes
      since={source.status_at ? t("since", { when: formatDateTime(source.status_at) }) : null}
      isUrgent={source.status !== "over_budget"}
      remedy={localized(source.remedy)}
      throttled={throttled}
      answer={{ label: t("said"), text: source.status_reason }}
    />
  );
}
