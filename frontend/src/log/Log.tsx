import { useEffect, useState } from "preact/hooks";
import { api } from "../api/client";
import { usePeople } from "../api/people";
import { problemText } from "../api/problem";
import { useResource } from "../api/resource";
import { plans } from "../api/session";
import { translationOf } from "../i18n";
import { now } from "../lib/now";
import { addressOf, place, stay } from "../lib/router";
import { dateOf, formatRelativeDay, formatTime } from "../lib/time";
import { useDebounced } from "../lib/useDebounced";
import { Button } from "../ui/Button";
import { EmptyState, Loaded } from "../ui/EmptyState";
import { SelectField, TextField } from "../ui/Field";
import { Page } from "../ui/Page";
import { type Mark, ShapeAndWord } from "../ui/StateMark";
import { showToast } from "../ui/Toast";
import { DeliveryStory } from "./DeliveryStory";
import { answerText, type Delivery, formatPeople, formatSent } from "./story";
import { t } from "./words";
import "./log.css";

const STATUSES = ["queued", "sending", "sent", "throttled", "failed", "expired"] as const;
type Status = (typeof STATUSES)[number];
const OCCASIONS = ["reminder", "escalation", "roster", "alert", "backup", "test"] as const;
type Occasion = (typeof OCCASIONS)[number];
const PAGE_SIZE = 50;

const SHAPE: Readonly<Record<Status, string>> = {
  queued: "○",
  sending: "◐",
  sent: "●",
  throttled: "⏸",
  failed: "✕",
  expired: "✕",
};
const LOOK: Readonly<Record<Status, Mark>> = {
  queued: "waiting",
  sending: "waiting",
  sent: "done",
  throttled: "waiting",
  failed: "missed",
  expired: "skipped",
};

/** What is asked for; the address of the page has it. */
interface Asked {
  status: Status | undefined;
  occasion: Occasion | undefined;
  channel: number | undefined;
  person: number | undefined;
  from: string;
  to: string;
  q: string;
}

const dateIn = (text: string | null) => (text && /^\d{4}-\d\d-\d\d$/.test(text) ? text : "");

function askedIn(query: URLSearchParams): Asked {
  return {
    status: STATUSES.find((each) => each === query.get("status")),
    occasion: OCCASIONS.find((each) => each === query.get("occasion")),
    channel: Number(query.get("channel")) || undefined,
    person: Number(query.get("person")) || undefined,
    from: dateIn(query.get("from")),
    to: dateIn(query.get("to")),
    q: query.get("q") ?? "",
  };
}

export function Log() {
  const one = Number(place.value.query.get("delivery")) || null;
  return one ? <OneDelivery key={one} id={one} /> : <WholeLog />;
}

/** Where a link leads to: a single delivery, told in full. */
function OneDelivery({ id }: { id: number }) {
  const found = useResource(
    `delivery ${id}`,
    () => api.get("/api/v1/deliveries/{delivery_id}", { path: { delivery_id: id } }),
    ["delivery"],
  );
  return (
    <Page
      title={t("page.log")}
      class="log-page"
      actions={
        <a class="button plain" href={addressOf("log")}>
          {t("show_all")}
        </a>
      }
    >
      <Loaded from={found}>
        {(delivery) => (
          <>
            <h2 class="log-day">{formatRelativeDay(dateOf(delivery.due_at), dateOf(now.value))}</h2>
            <DeliveryLine delivery={delivery} isOpen onChanged={() => void found.reload()} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function WholeLog() {
  const asked = askedIn(place.value.query);
  const { status, occasion, channel: channelId, person: userId, from, to } = asked;
  const [typed, setTyped] = useState(asked.q);
  const q = useDebounced(typed.trim());
  const isFiltered = Boolean(status || occasion || channelId || userId || from || to || q);
  const key = JSON.stringify({ ...asked, q });
  const ask = (cursor?: string) =>
    api.get("/api/v1/deliveries", {
      query: {
        limit: PAGE_SIZE,
        status,
        occasion,
        channel_id: channelId,
        user_id: userId,
        from: from || undefined,
        to: to || undefined,
        q: q || undefined,
        cursor,
      },
    });

  const newest = useResource(key, () => ask(), ["delivery"]);
  const channels = useResource("channels", async () => (await api.get("/api/v1/channels")).items, [
    "channel",
  ]);
  const people = usePeople(plans.value);
  const [older, setOlder] = useState<{
    key: string;
    items: Delivery[];
    cursor: string | null | undefined;
  } | null>(null);
  const [isReading, setReading] = useState(false);
  const [open, setOpen] = useState<number | null>(null);

  useEffect(() => setOlder(null), [key]);

  const filter = (change: Partial<Record<keyof Asked, string | number | undefined>>) =>
    stay({ ...asked, q, ...change });
  useEffect(() => {
    if (asked.q !== q) filter({ q });
  }, [q]);

  async function readOlder(cursor: string) {
    setReading(true);
    try {
      const page = await ask(cursor);
      setOlder({ key, items: [...(older?.items ?? []), ...page.items], cursor: page.next_cursor });
    } catch (error) {
      showToast(problemText(error), { isProblem: true });
    }
    setReading(false);
  }

  return (
    <Page title={t("page.log")} class="log-page">
      <search class="log-filters compact">
        <TextField
          label={t("search")}
          type="search"
          placeholder={t("search_hint")}
          maxLength={80}
          value={typed}
          onValue={setTyped}
        />
        <SelectField
          label={t("log.status")}
          value={status ?? ""}
          choices={[
            { value: "", label: t("log.all_statuses") },
            ...STATUSES.map((each) => ({ value: each, label: t(`status.${each}`) })),
          ]}
          onValue={(value) => filter({ status: value })}
        />
        <SelectField
          label={t("log.channel")}
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
            value={userId ?? 0}
            choices={[
              { value: 0, label: t("log.all_people") },
              ...(people.value ?? []).map((person) => ({ value: person.id, label: person.display_name })),
            ]}
            onValue={(value) => filter({ person: value || undefined })}
          />
        )}
        <details class="advanced" open={Boolean(occasion || from || to)}>
          <summary>{t("more")}</summary>
          <div class="log-filters">
            <SelectField
              label={t("occasion")}
              value={occasion ?? ""}
              choices={[
                { value: "", label: t("all_occasions") },
                ...OCCASIONS.map((each) => ({
                  value: each,
                  label: translationOf(`occasion.${each}`) ?? each,
                })),
              ]}
              onValue={(value) => filter({ occasion: value })}
            />
            <TextField
              label={t("from")}
              type="date"
              value={from}
              onValue={(value) => filter({ from: value })}
            />
            <TextField label={t("to")} type="date" value={to} onValue={(value) => filter({ to: value })} />
          </div>
        </details>
        {isFiltered && (
          <Button
            look="quiet"
            onClick={() => {
              setTyped("");
              stay({});
            }}
          >
            {t("log.clear")}
          </Button>
        )}
      </search>
      <Loaded from={newest}>
        {(page) => {
          const seen = new Set(page.items.map((delivery) => delivery.id));
          const more = older?.key === key ? older.items.filter((delivery) => !seen.has(delivery.id)) : [];
          const all = [...page.items, ...more];
          const cursor = older?.key === key ? older.cursor : page.next_cursor;
          if (all.length === 0)
            return isFiltered ? (
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
                        <h2 class="log-day">{formatRelativeDay(day, dateOf(now.value))}</h2>
                      )}
                      <DeliveryLine
                        delivery={delivery}
                        isOpen={open === delivery.id}
                        onToggle={() => setOpen(open === delivery.id ? null : delivery.id)}
                        onChanged={() => void newest.reload()}
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
  /** Without it the story stays open. */
  onToggle?: () => void;
  onChanged: () => void;
}

function DeliveryLine({ delivery, isOpen, onToggle, onChanged }: DeliveryLineProps) {
  async function attempt(work: () => Promise<unknown>, done: string) {
    try {
      await work();
      showToast(done);
    } catch (error) {
      showToast(problemText(error), { isProblem: true });
    }
    onChanged();
  }

  const last = delivery.attempts.at(-1);
  const storyId = `story-${delivery.id}`;
  return (
    <>
      <button
        type="button"
        class="delivery"
        aria-expanded={isOpen}
        aria-controls={storyId}
        disabled={!onToggle}
        onClick={onToggle}
      >
        <span class="delivery-when figures">
          <time dateTime={delivery.due_at}>{formatTime(delivery.due_at)}</time>{" "}
          <span class="soft">{formatSent(delivery)}</span>
        </span>
        <span class="delivery-who">
          {formatPeople(delivery.people) || translationOf(`occasion.${delivery.occasion}`)}
          {delivery.people.length > 0 && (
            <span class="soft">
              {" "}
              {delivery.occasion === "reminder" && delivery.kind
                ? t(delivery.kind === "clock_in" ? "punch.clock_in" : "punch.clock_out")
                : translationOf(`occasion.${delivery.occasion}`)}
            </span>
          )}
        </span>
        <span class="delivery-channel soft">{delivery.channel_name}</span>
        <span class="delivery-words soft">{last ? answerText(last) : ""}</span>
        <ShapeAndWord
          look={LOOK[delivery.status]}
          shape={SHAPE[delivery.status]}
          word={t(`status.${delivery.status}`) + (delivery.is_late ? ` · ${t("log.late")}` : "")}
        />
      </button>
      <div id={storyId} hidden={!isOpen}>
        {isOpen && (
          <DeliveryStory
            delivery={delivery}
            onRetry={() =>
              void attempt(
                () =>
                  api.post("/api/v1/deliveries/{delivery_id}/retry", { path: { delivery_id: delivery.id } }),
                t("log.retried"),
              )
            }
            onResend={(reminderId) =>
              void attempt(
                () =>
                  api.post("/api/v1/reminders/{reminder_id}/resend", { path: { reminder_id: reminderId } }),
                t("resent"),
              )
            }
          />
        )}
      </div>
    </>
  );
}
