import { api } from "../api/client";
import { useList } from "../api/get";
import { t } from "../i18n";
import { now } from "../lib/now";
import { formatDateTime } from "../lib/time";
import { attempt } from "../ui/attempt";
import { Button } from "../ui/Button";

const ASKED = 50;

/** Messages in the inbox; each stays until it is dismissed, then the next one appears. */
export function Inbox({ most }: { most: number }) {
  const inbox = useList("/api/v1/inbox", { query: { limit: ASKED } }, ["inbox"]);
  const unread = (inbox.value ?? []).filter((message) => message.read_at === null);
  if (unread.length === 0) return null;

  async function read(ids: number[]) {
    inbox.set(unread.filter((message) => !ids.includes(message.id)));
    const isDone = await attempt(async () => {
      for (const id of ids) await api.post("/api/v1/inbox/{message_id}/read", { path: { message_id: id } });
    });
    if (!isDone) await inbox.reload();
  }

  return (
    <section class="inbox">
      <header>
        <h2>{t("today.inbox")}</h2>
        {unread.length > 1 && (
          <Button look="quiet" onClick={() => void read(unread.map((message) => message.id))}>
            {t("today.read_all", { n: unread.length })}
          </Button>
        )}
      </header>
      <ul class="rows">
        {unread.slice(0, most).map((message) => (
          <li key={message.id}>
            <div>
              <p>
                <b>{message.title}</b>{" "}
                <span class="soft small">{formatDateTime(message.created_at, now.value)}</span>
              </p>
              {message.text && message.text !== message.title && <p class="small">{message.text}</p>}
            </div>
            <Button
              look="quiet"
              aria-label={t("today.read_named", { title: message.title })}
              onClick={() => void read([message.id])}
            >
              {t("today.read")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
