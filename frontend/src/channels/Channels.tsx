import { useState } from "preact/hooks";
import { api } from "../api/client";
import { sayProblem } from "../api/problem";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { me } from "../api/session";
import { language, t } from "../i18n";
import { place } from "../lib/router";
import { sayMoment } from "../lib/time";
import { Button } from "../ui/Button";
import { EmptyState, Loaded } from "../ui/EmptyState";
import { Page } from "../ui/Page";
import { ChannelEditor } from "./ChannelEditor";
import { sayHint, sayKind, sayOutcome } from "./form";
import "./channels.css";

export type Channel = components["schemas"]["ChannelRead"];
export type Kind = components["schemas"]["ChannelKindRead"];
export type Team = components["schemas"]["TeamRead"];
type TestResult = components["schemas"]["TestResult"];

export function Channels() {
  const channels = useResource("channels", async () => (await api.get("/api/v1/channels")).items, [
    "channel",
  ]);
  const kinds = useResource("kinds", async () => (await api.get("/api/v1/channels/kinds")).items);
  const teams = useResource("teams", async () => (await api.get("/api/v1/teams")).items);
  const [editing, setEditing] = useState<Channel | "new" | null>(null);
  const wanted = Number(place.value.query.get("id"));

  const ownerOf = (channel: Channel): string => {
    if (channel.team_id !== null)
      return teams.value?.find((team) => team.id === channel.team_id)?.name ?? t("team.one");
    if (channel.user_id === null) return t("channel.owner_server");
    return channel.user_id === me.value?.id ? t("channel.owner_me") : t("channel.owner_user");
  };
  const kindOf = (channel: Channel) =>
    sayKind(channel.kind, kinds.value?.find((kind) => kind.kind === channel.kind)?.labels, language.value);

  return (
    <Page
      title={t("page.channels")}
      actions={
        <Button look="main" icon="plus" disabled={!kinds.value} onClick={() => setEditing("new")}>
          {t("channel.new")}
        </Button>
      }
    >
      <Loaded from={channels}>
        {(all) =>
          all.length === 0 ? (
            <EmptyState title={t("channel.empty")} text={t("channel.empty_text")} />
          ) : (
            <ul class="rows">
              {all.map((channel) => (
                <ChannelLine
                  key={channel.id}
                  channel={channel}
                  owner={ownerOf(channel)}
                  kind={kindOf(channel)}
                  isWanted={channel.id === wanted}
                  onEdit={() => setEditing(channel)}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
      {editing && kinds.value && (
        <ChannelEditor
          channel={editing === "new" ? null : editing}
          kinds={kinds.value}
          teams={teams.value ?? []}
          onClose={() => setEditing(null)}
          onSaved={() => {
            setEditing(null);
            void channels.reload();
          }}
        />
      )}
    </Page>
  );
}

const SHAPE = { ok: "●", throttled: "◐", broken: "✕" } as const;
const LOOK = { ok: "done", throttled: "waiting", broken: "missed" } as const;

function ChannelLine(props: {
  channel: Channel;
  owner: string;
  kind: string;
  isWanted: boolean;
  onEdit: () => void;
}) {
  const { channel } = props;
  const [test, setTest] = useState<TestResult | { problem: string } | "sending" | null>(null);

  async function sendTest() {
    setTest("sending");
    try {
      setTest(await api.post("/api/v1/channels/{channel_id}/test", { path: { channel_id: channel.id } }));
    } catch (error) {
      setTest({ problem: sayProblem(error) });
    }
  }

  const remedy = channel.status === "broken" ? sayHint(channel.status_hint, channel.status_hint_text) : null;
  return (
    <li class={`channel${props.isWanted ? " wanted" : ""}`}>
      <div class="channel-line">
        <button type="button" class="channel-open" onClick={props.onEdit}>
          <span class="channel-name">{channel.name}</span>
          <span class="soft small">
            {props.kind} · {props.owner}
            {channel.target ? ` · ${channel.target}` : ""}
          </span>
        </button>
        {channel.is_enabled ? (
          <span class={`mark ${LOOK[channel.status]}`}>
            <span class="shape" aria-hidden="true">
              {SHAPE[channel.status]}
            </span>
            <span>{t(`status.${channel.status}`)}</span>
          </span>
        ) : (
          <span class="mark skipped">
            <span class="shape" aria-hidden="true">
              ⏸
            </span>
            <span>{t("channel.off")}</span>
          </span>
        )}
        <Button
          look="plain"
          isBusy={test === "sending"}
          aria-label={t("channel.test_named", { name: channel.name })}
          onClick={() => void sendTest()}
        >
          {test === "sending" ? t("channel.testing") : t("channel.test")}
        </Button>
      </div>
      {channel.status !== "ok" && channel.status_reason && (
        <p class="small provider-words">
          {channel.status_at ? `${sayMoment(channel.status_at)} · ` : ""}
          <q>{channel.status_reason}</q>
        </p>
      )}
      {remedy && <p class="small">{remedy}</p>}
      <div role="status">{test !== null && test !== "sending" && <TestAnswer test={test} />}</div>
    </li>
  );
}

function TestAnswer({ test }: { test: TestResult | { problem: string } }) {
  if ("problem" in test) return <p class="urgent small">{test.problem}</p>;
  const isDone = test.outcome === "done";
  const remedy = sayHint(test.hint, test.hint_text);
  return (
    <dl class="test-answer">
      <dt class="only-heard">{t("log.status")}</dt>
      <dd class={`mark ${isDone ? "done" : "missed"}`}>
        <span class="shape" aria-hidden="true">
          {isDone ? "●" : "✕"}
        </span>
        <span>{sayOutcome(test.outcome)}</span>
      </dd>
      <dt>{t("channel.said")}</dt>
      <dd class="figures">
        {test.provider_code && <code>{test.provider_code}</code>}{" "}
        {test.provider_message || t("channel.said_nothing")}{" "}
        <span class="soft">{t("story.latency", { n: test.latency_ms })}</span>
      </dd>
      {remedy && (
        <>
          <dt>{t("channel.remedy")}</dt>
          <dd>{remedy}</dd>
        </>
      )}
    </dl>
  );
}
