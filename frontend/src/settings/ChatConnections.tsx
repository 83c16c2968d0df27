import { useList } from "../api/get";
import type { components } from "../api/schema";
import { localized } from "../i18n";
import { now } from "../lib/now";
import { formatDateTime } from "../lib/time";
import { Loaded } from "../ui/EmptyState";
import { type Mark, ShapeAndWord } from "../ui/StateMark";
import { t } from "./words";

type Connection = components["schemas"]["ChatConnectionRead"];

const LOOK: Readonly<Record<Connection["state"], Mark>> = {
  open: "done",
  connecting: "waiting",
  refused: "missed",
  taken_over: "missed",
  stopped: "missed",
};

/** Over which connections answers come in, and whether they do. */
export function ChatConnections() {
  const connections = useList("/api/v1/chat-connections");
  return (
    <Loaded from={connections}>
      {(all) =>
        all.length > 0 && (
          <ul class="rows findings chat-connections" aria-label={t("chats.title")}>
            {all.map((each) => (
              <Row key={`${each.vendor} ${each.name}`} of={each} />
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

function Row({ of: found }: { of: Connection }) {
  const { frames, monthly_frames: most, last_frame_at: heard } = found;
  return (
    <li>
      <ShapeAndWord look={LOOK[found.state]} word={t(`chats.${found.state}`)} />
      <b>{t(`chat.${found.vendor}` as "chat.telegram")}</b>
      <span>
        {found.name}
        <br />
        <span class="soft">
          {heard
            ? t("chats.heard", { when: formatDateTime(heard, now.value) })
            : t("chats.since", { when: formatDateTime(found.since, now.value) })}
          {found.reason && found.state !== "open" && ` · ${localized(found.reason_text)}`}
        </span>
        {frames !== null && most !== null && (
          <>
            <br />
            <meter min={0} max={most} high={most * 0.8} value={frames} aria-hidden />{" "}
            <span class="soft figures">{t("chats.frames", { n: frames, most })}</span>
          </>
        )}
      </span>
    </li>
  );
}
