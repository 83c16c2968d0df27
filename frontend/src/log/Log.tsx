import { useEffect, useState } from "preact/hooks";
import { api } from "../api/client";
import { sayProblem } from "../api/problem";
import { useResource } from "../api/resource";
import { plans } from "../api/session";
import { known, t } from "../i18n";
import { now } from "../lib/now";
import { place, stay } from "../lib/router";
import { dateOf, sayClock, sayDay } from "../lib/time";
import { Button } from "../ui/Button";
import { EmptyState, Loaded } from "../ui/EmptyState";
import { SelectField } from "../ui/Field";
import { Page } from "../ui/Page";
import { say } from "../ui/Toast";
import { DeliveryStory } from "./DeliveryStory";
import { type Delivery, sayAnswer, sayPeople, saySent } from "./story";
import "./log.css";

const STATUSES = ["queued", "sending", "sent", "throttled", "failed", "expired"] as const;
type Status = (typeof STATUSES)[number];
const PAGE_SIZE = 50;

const SHAPE: Readonly<Record<Status, string>> = {
  queued: "○",
  sending: "◐",
  sent: "●",
  throttled: "⏸",
  failed: "✕",
  expired: "✕",
};
const LOOK: Readonly<Record<Status, string>> = {
  queued: "waiting",
  sending: "waiting",
  sent: "done",
  throttled: "waiting",
  failed: "missed",
  expired: "skipped",
};

export function Log() {
  const query = place.value.query;
  const status = STATUSES.find((each) => each === query.get("status"));
  const channelId = Number(query.get("channel")) || undefined;
  const userId = Number(query.get("person")) || undefined;
  const key = `${status} ${channelId} ${userId}`;
  const ask = (cursor?: string) =>
    api.get("/api/v1/deliveries", {
      query: { limit: PAGE_SIZE, status, channel_id: channelId, user_id: userId, cursor },
    });

  const newest = useResource(key, () => ask(), ["delivery"]);
  const channels = useResource("channels", async () => (await api.get("/api/v1/channels")).items, [
    "channel",
  ]);
  const people = useResource("people", async () =>
    plans.value ? (await api.get("/api/v1/users")).items : [],
  );
  const [older, setOlder] = useState<{
    key: string;
    items: Delivery[];
    cursor: string | null | undefined;
  } | null>(null);
  const [isReading, setReading] = useState(false);
  const [open, setOpen] = useState<number | null>(null);

  useEffect(() => setOlder(null), [key]);

  async function readOlder(cursor: string) {
    setReading(true);
    try {
      const page = await ask(cursor);
      setOlder({ key, items: [...(older?.items ?? []), ...page.items], cursor: page.next_cursor });
    } catch (error) {
      say(sayProblem(error), { isProblem: true });
    }
    setReading(false);
  }

  async function retry(delivery: Delivery) {
    try {
      await api.post("/api/v1/deliveries/{delivery_id}/retry", { path: { delivery_id: delivery.id } });
      say(t("log.retried"));
      await newest.reload();
    } catch (error) {
      say(sayProblem(error), { isProblem: true });
    }
  }

  const filter = (change: { status?: string; channel?: number; person?: number }) =>
    stay({ status: status ?? null, channel: channelId ?? null, person: userId ?? null, ...change });

  return (
    <Page title={t("page.log")} class="log-page">
      <fieldset class="log-filters compact">
        <legend class="only-heard">{t("log.filters")}</legend>
        <SelectField
          label={t("log.status")}
          isLabelHidden
          value={status ?? ""}
          choices={[
            { value: "", label: t("log.all_statuses") },
            ...STATUSES.map((each) => ({ value: each, label: t(`status.${each}`) })),
          ]}
          onValue={(value) => filter({ status: value })}
        />
        <SelectField
          label={t("log.channel")}
          isLabelHidden
          value={channelId ?? 0}
          choices={[
            { value: 0, label: t("log.all_channels") },
            ...(channels.value ?? []).map((channel) => ({ value: channel.id, label: channel.name })),
          ]}
          onValue={(value) => filter({ channel: value || undefined })}
        />
        {plans.value && (
          <SelectField
            label={t("log.person")}
            isLabelHidden
            value={userId ?? 0}
            choices={[
              { value: 0, label: t("log.all_people") },
              ...(people.value ?? []).map((person) => ({ value: person.id, label: person.display_name })),
            ]}
            onValue={(value) => filter({ person: value || undefined })}
          />
        )}
        {(status || channelId || userId) && (
          <Button look="quiet" onClick={() => stay({})}>
            {t("log.clear")}
          </Button>
        )}
      </fieldset>
      <Loaded from={newest}>
        {(page) => {
          const seen = new Set(page.items.map((delivery) => delivery.id));
          const more = older?.key === key ? older.items.filter((delivery) => !seen.has(delivery.id)) : [];
          const all = [...page.items, ...more];
          const cursor = older?.key === key ? older.cursor : page.next_cursor;
          if (all.length === 0)
            return status || channelId || userId ? (
              <EmptyState title={t("log.empty_filtered")} />
            ) : (
              <EmptyState title={t("log.empty")} text={t("log.empty_text")} />
            );
          return (
            <>
              <ol class="rows">
                {all.map((delivery, index) => {
                  const day = dateOf(delivery.due_at);
                  const before = all[index - 1];
                  return (
                    <li key={delivery.id}>
                      {(!before || dateOf(before.due_at) !== day) && (
                        <h2 class="log-day">{sayDay(day, dateOf(now.value))}</h2>
                      )}
                      <DeliveryLine
                        delivery={delivery}
                        isOpen={open === delivery.id}
                        onToggle={() => setOpen(open === delivery.id ? null : delivery.id)}
                        onRetry={() => void retry(delivery)}
                      />
                    </li>
                  );
                })}
              </ol>
              {cursor && (
                <p class="log-more">
                  <Button isBusy={isReading} onClick={() => void readOlder(cursor)}>
                    {t("action.more")}
                  </Button>
                </p>
              )}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

interface DeliveryLineProps {
  delivery: Delivery;
  isOpen: boolean;
  onToggle: () => void;
  onRetry: () => void;
}

function DeliveryLine({ delivery, isOpen, onToggle, onRetry }: DeliveryLineProps) {
  const last = delivery.attempts.at(-1);
  const storyId = `story-${delivery.id}`;
  return (
    <>
      <button
        type="button"
        class="delivery"
        aria-expanded={isOpen}
        aria-controls={storyId}
        onClick={onToggle}
      >
        <span class="delivery-when figures">
          <time dateTime={delivery.due_at}>{sayClock(delivery.due_at)}</time>{" "}
          <span class="soft">{saySent(delivery)}</span>
        </span>
        <span class="delivery-who">
          {sayPeople(delivery.people) || known(`occasion.${delivery.occasion}`)}
          {delivery.people.length > 0 && (
            <span class="soft">
              {" "}
              {delivery.occasion === "reminder" && delivery.kind
                ? t(delivery.kind === "clock_in" ? "punch.clock_in" : "punch.clock_out")
                : known(`occasion.${delivery.occasion}`)}
            </span>
          )}
        </span>
        <span class="delivery-channel soft">{delivery.channel_name}</span>
        <span class="delivery-words soft">{last ? sayAnswer(last) : ""}</span>
        <span class={`mark ${LOOK[delivery.status]}`}>
          <span class="shape" aria-hidden="true">
            {SHAPE[delivery.status]}
          </span>
          <span>
            {t(`status.${delivery.status}`)}
            {delivery.is_late ? ` · ${t("log.late")}` : ""}
          </span>
        </span>
      </button>
      <div id={storyId} hidden={!isOpen}>
        {isOpen && <DeliveryStory delivery={delivery} onRetry={onRetry} />}
      </div>
    </>
  );
}
