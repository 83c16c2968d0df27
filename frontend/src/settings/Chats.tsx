import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { useList } from "../api/get";
import type { Resource } from "../api/resource";
import type { components } from "../api/schema";
import { isAdmin } from "../api/session";
import { listed } from "../i18n";
import { lazyDialog } from "../lib/lazy";
import { now } from "../lib/now";
import { formatDateTime, formatTime } from "../lib/time";
import { CopyButton } from "../parts/CopyButton";
import { RevocableRow } from "../parts/RevocableRow";
import { attempt } from "../ui/attempt";
import { Button } from "../ui/Button";
import { Loaded } from "../ui/EmptyState";
import { FormProblem, useForm } from "../ui/Form";
import { Section } from "../ui/Page";
import { ShapeAndWord } from "../ui/StateMark";
import { ChatConnections } from "./ChatConnections";
import { t } from "./words";

const ChatGuides = lazyDialog(() => import("./ChatGuides").then((it) => it.ChatGuides));

type Chat = components["schemas"]["ChatIdentityRead"];
type Code = components["schemas"]["ChatCodeRead"];

const ASK_AGAIN_MS = 3000;

const vendorName = (vendor: string) => t(`chat.${vendor}` as "chat.telegram");
const nameOf = (chat: Chat) => vendorName(chat.vendor);

/** While a code waits to be sent: the chat in which it was, as soon as it was. */
function useBinding(chats: Resource<Chat[]>, isWaiting: boolean, onBound: () => void): Chat | null {
  const [bound, setBound] = useState<Chat | null>(null);
  const known = useRef<ReadonlySet<number> | null>(null);
  useEffect(() => {
    if (!isWaiting) return;
    known.current = null;
    const timer = setInterval(() => void chats.reload(), ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [isWaiting]);
  useEffect(() => {
    if (!isWaiting || !chats.value) return;
    const before = known.current;
    known.current ??= new Set(chats.value.map((chat) => chat.id));
    const found = before && chats.value.find((chat) => !before.has(chat.id));
    if (!found) return;
    setBound(found);
    onBound();
  }, [isWaiting, chats.value]);
  return bound;
}

/** Who one is in a chat: a one-time code, written to the bot, says so. */
export function Chats() {
  const chats = useList("/api/v1/me/chats");
  const [code, setCode] = useState<Code | null>(null);
  const [isGuided, setGuided] = useState(false);
  const bound = useBinding(chats, code !== null, () => setCode(null));
  const form = useForm({}, async () => setCode(await api.post("/api/v1/me/chats/code", { body: {} })));

  async function unbind(chat: Chat) {
    await attempt(
      () => api.delete("/api/v1/me/chats/{chat_id}", { path: { chat_id: chat.id } }),
      t("chat.unbound", { name: nameOf(chat) }),
    );
    await chats.reload();
  }

  return (
    <Section title={t("chat.title")} text={t("chat.text")}>
      <Loaded from={chats}>
        {(all) =>
          all.length > 0 && (
            <ul class="rows">
              {all.map((chat) => (
                <RevocableRow
                  key={chat.id}
                  name={nameOf(chat)}
                  facts={t("chat.since", { when: formatDateTime(chat.created_at, now.value) })}
                  action={t("chat.unbind")}
                  label={t("chat.unbind_named", { name: nameOf(chat) })}
                  consequence={t("chat.unbind_text")}
                  onRevoke={() => unbind(chat)}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
      {isAdmin.value && <ChatConnections />}
      <div role="status">
        {code && code.vendors.length === 0 && <p>{t("chat.no_bot")}</p>}
        {code && code.vendors.length > 0 && (
          <>
            <p>
              {t("chat.send", {
                at: formatTime(code.expires_at),
                where: listed(code.vendors.map(vendorName)),
              })}
            </p>
            <code class="secret">{t("chat.message", { code: code.code })}</code>
            <CopyButton look="quiet" text={t("chat.message", { code: code.code })} label={t("chat.copy")} />
          </>
        )}
        {bound && !code && <ShapeAndWord look="done" word={t("chat.bound", { name: nameOf(bound) })} />}
      </div>
      <form class="form" onSubmit={form.onSubmit}>
        <FormProblem of={form} />
        <div>
          <Button type="submit" isBusy={form.isBusy}>
            {t("chat.new_code")}
          </Button>
          <Button look="quiet" onClick={() => setGuided(true)}>
            {t("guide.open")}
          </Button>
        </div>
      </form>
      {isGuided && <ChatGuides onClose={() => setGuided(false)} />}
    </Section>
  );
}
