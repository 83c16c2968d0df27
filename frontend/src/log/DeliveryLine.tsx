import { api } from "../api/client";
import { translationOf } from "../i18n";
import { formatTime } from "../lib/time";
import { attempt } from "../ui/attempt";
import { type Mark, type Shape, ShapeAndWord } from "../ui/StateMark";
import { DeliveryStory } from "./DeliveryStory";
import type { Status } from "./filter";
import { answerWords, type Delivery, formatPeople, formatSent } from "./story";
import { t } from "./words";

const SHAPE: Readonly<Partial<Record<Status, Shape>>> = {
  sending: "half",
  throttled: "pause",
  expired: "cross",
};
const LOOK: Readonly<Record<Status, Mark>> = {
  queued: "waiting",
  sending: "waiting",
  sent: "done",
  throttled: "waiting",
  failed: "missed",
  expired: "skipped",
};

interface DeliveryLineProps {
  delivery: Delivery;
  isOpen: boolean;
  /** Without it the story stays open. */
  onToggle?: () => void;
  onChanged: () => void;
}

/** One delivery: when, to whom, by which channel, with what answer. Opened, its story. */
export function DeliveryLine({ delivery, isOpen, onToggle, onChanged }: DeliveryLineProps) {
  const send = async (work: () => Promise<unknown>, done: string) => {
    await attempt(work, done);
    onChanged();
  };

  const last = delivery.attempts.at(-1);
  const names = formatPeople(delivery.people) || delivery.recipient;
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
          {names || translationOf(`occasion.${delivery.occasion}`)}
          {names && (
            <span class="soft">
              {" "}
              {delivery.occasion === "reminder" && delivery.kind
                ? t(delivery.kind === "clock_in" ? "punch.clock_in" : "punch.clock_out")
                : translationOf(`occasion.${delivery.occasion}`)}
            </span>
          )}
        </span>
        <span class="delivery-channel soft">{delivery.channel_name || t("personal_channel")}</span>
        <span class="delivery-words soft">{last ? answerWords(last) : ""}</span>
        <ShapeAndWord
          look={LOOK[delivery.status]}
          shape={SHAPE[delivery.status]}
          word={t(`status.${delivery.status}`) + (delivery.is_late ? ` · ${t("log.late")}` : "")}
        />
      </button>
      <div id={storyId} hidden={!isOpen} class={onToggle ? "detail" : ""}>
        {isOpen && (
          <DeliveryStory
            delivery={delivery}
            onRetry={() =>
              void send(
                () =>
                  api.post("/api/v1/deliveries/{delivery_id}/retry", { path: { delivery_id: delivery.id } }),
                t("log.retried"),
              )
            }
            onResend={(reminderId) =>
              void send(
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
