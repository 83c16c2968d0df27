import { useList } from "../api/get";
import { me } from "../api/session";
import { nameIn } from "../api/teams";
import { localized } from "../i18n";
import { lazyDialog } from "../lib/lazy";
import { now } from "../lib/now";
import { formatDateTime } from "../lib/time";
import { ConfigPage, type LineProps } from "./ConfigPage";
import type { Channel } from "./channel";
import { PushHere } from "./PushHere";
import { StatusNotes, StatusRow } from "./StatusRow";
import { t } from "./words";

const ChannelEditor = lazyDialog(() => import("./ChannelEditor").then((it) => it.ChannelEditor));
const TestChannel = lazyDialog(() => import("./TestChannel").then((it) => it.TestChannel));

export const Channels = () => (
  <ConfigPage
    title={t("page.channels")}
    texts={{ add: t("new"), empty: t("empty"), empty_text: t("empty_text"), gone: t("gone") }}
    items={useList("/api/v1/channels", {}, ["channel"])}
    kinds={useList("/api/v1/channels/kinds")}
    Intro={PushHere}
    Line={ChannelLine}
    Editor={ChannelEditor}
    Test={TestChannel}
  />
);

export const LOOK = {
  ok: ["done"],
  untried: ["waiting"],
  throttled: ["waiting", "half"],
  broken: ["missed"],
} as const;

function ChannelLine({ item: channel, kind, teams, isWanted, onEdit, onTest }: LineProps<Channel>) {
  const { team_id, user_id } = channel;
  const [look, shape] = LOOK[channel.status];
  const owner =
    team_id !== null
      ? (nameIn(teams, team_id) ?? t("team.one"))
      : t(user_id === null ? "owner_server" : user_id === me.value?.id ? "owner_me" : "owner_user");
  return (
    <StatusRow
      name={channel.name}
      facts={[kind ?? channel.kind, owner, channel.target]}
      isWanted={isWanted}
      mark={
        channel.is_enabled
          ? { look, shape, word: t(`status.${channel.status}`) }
          : { look: "skipped", word: t("channel.off") }
      }
      test={{ label: t("test"), heard: t("test_named", { name: channel.name }), run: onTest }}
      onOpen={onEdit}
    >
      {channel.is_enabled && <Notes channel={channel} />}
    </StatusRow>
  );
}

function Notes({ channel }: { channel: Channel }) {
  if (channel.throttled_until)
    return (
      <p class="small soft">
        {t("throttled_until", { when: formatDateTime(channel.throttled_until, now.peek()) })}
      </p>
    );
  if (channel.status !== "broken") return null;
  return (
    <StatusNotes
      since={
        channel.status_since
          ? t("broken_since", { when: formatDateTime(channel.status_since, now.peek()) })
          : t("status.broken")
      }
      isUrgent
      remedy={localized(channel.status_hint_text)}
      answer={{ label: t("said"), text: channel.status_reason }}
    />
  );
}
