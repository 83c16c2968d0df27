import { useState } from "preact/hooks";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import { me } from "../api/session";
import { useTeams } from "../api/teams";
import { localized } from "../i18n";
import { lazyDialog } from "../lib/lazy";
import { place } from "../lib/router";
import { formatDateTime } from "../lib/time";
import { Button } from "../ui/Button";
import { EmptyState, Loaded } from "../ui/EmptyState";
import { Page } from "../ui/Page";
import type { Channel } from "./channel";
import { Nearby } from "./Nearby";
import { StatusNotes, StatusRow } from "./StatusRow";
import { t } from "./words";
import "./channels.css";

const ChannelEditor = lazyDialog(() => import("./ChannelEditor").then((it) => it.ChannelEditor));
const TestChannel = lazyDialog(() => import("./TestChannel").then((it) => it.TestChannel));

export function Channels() {
  const channels = useResource("channels", async () => (await api.get("/api/v1/channels")).items, [
    "channel",
  ]);
  const kinds = useResource("kinds", async () => (await api.get("/api/v1/channels/kinds")).items);
  const teams = useTeams();
  const [editing, setEditing] = useState<Channel | "new" | null>(null);
  const [testing, setTesting] = useState<Channel | null>(null);
  const wanted = Number(place.value.query.get("id"));

  const ownerOf = (channel: Channel): string => {
    if (channel.team_id !== null)
      return teams.value?.find((team) => team.id === channel.team_id)?.name ?? t("team.one");
    if (channel.user_id === null) return t("owner_server");
    return channel.user_id === me.value?.id ? t("owner_me") : t("owner_user");
  };
  const kindOf = (channel: Channel) =>
    localized(kinds.value?.find((kind) => kind.kind === channel.kind)?.labels) ?? channel.kind;

  return (
    <Page
      title={t("page.channels")}
      actions={
        <Button look="main" icon="plus" disabled={!kinds.value} onClick={() => setEditing("new")}>
          {t("new")}
        </Button>
      }
    >
      <Nearby />
      <Loaded from={channels}>
        {(all) =>
          all.length === 0 ? (
            <EmptyState title={t("empty")} text={t("empty_text")} />
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
                  onTest={() => setTesting(channel)}
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
      {testing && (
        <TestChannel
          channel={testing}
          onClose={() => {
            setTesting(null);
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
  onTest: () => void;
}) {
  const { channel } = props;
  return (
    <StatusRow
      name={channel.name}
      facts={[props.kind, props.owner, channel.target]}
      isWanted={props.isWanted}
      mark={
        channel.is_enabled
          ? {
              look: LOOK[channel.status],
              shape: SHAPE[channel.status],
              word: t(`status.${channel.status}`),
            }
          : { look: "skipped", shape: "⏸", word: t("off") }
      }
      test={{ label: t("test"), heard: t("test_named", { name: channel.name }), run: props.onTest }}
      onOpen={props.onEdit}
    >
      {channel.is_enabled && <Notes channel={channel} />}
    </StatusRow>
  );
}

function Notes({ channel }: { channel: Channel }) {
  if (channel.throttled_until)
    return (
      <p class="small soft">{t("throttled_until", { when: formatDateTime(channel.throttled_until) })}</p>
    );
  if (channel.status !== "broken") return null;
  return (
    <StatusNotes
      since={
        channel.status_since
          ? t("broken_since", { when: formatDateTime(channel.status_since) })
          : t("status.broken")
      }
      isUrgent
      remedy={localized(channel.status_hint_text)}
      answer={{ label: t("said"), text: channel.status_reason }}
    />
  );
}
