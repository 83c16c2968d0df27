import { listed } from "../i18n";
import { now } from "../lib/now";
import { addressOf } from "../lib/router";
import { dateOf, formatTime, formatTimeWithSeconds } from "../lib/time";
import { Button } from "../ui/Button";
import { type Delivery, storyOf } from "./story";
import { t } from "./words";
import "./log.css";

interface DeliveryStoryProps {
  delivery: Delivery;
  title?: string;
  /** Sends the delivery again, under its key. */
  onRetry?: () => void;
  /** Reminds of this once more, in a message of its own. */
  onResend?: (reminderId: number) => void;
}

/** A delivery from the moment it was due to the provider's answer, as a vertical line of moments. */
export function DeliveryStory({ delivery, title = delivery.title, onRetry, onResend }: DeliveryStoryProps) {
  const names = [...new Map(delivery.people.map((person) => [person.user_id, person.name])).values()];
  const [only] = delivery.people.length === 1 ? delivery.people : [];
  const hasFailed = delivery.status === "failed" || delivery.status === "expired";
  const canRemind = onResend && only && hasFailed && Date.parse(delivery.expires_at) > now.peek();
  return (
    <div class="story">
      <p class="lead">{title}</p>
      {names.length > 1 && <p class="soft">{listed(names)}</p>}
      <ol class="story-line">
        {storyOf(delivery).map((moment, index) => (
          <li key={`${index}-${moment.at}`} class={moment.tone}>
            <time class="figures" dateTime={moment.at}>
              {formatTimeWithSeconds(moment.at)}
            </time>
            <div>
              <p>
                {moment.title}
                {moment.leadsTo && (
                  <>
                    {" "}
                    <a href={addressOf("log", { delivery: moment.leadsTo })}>{t("see_it")}</a>
                  </>
                )}
              </p>
              {moment.words && <p class="soft small">{moment.words}</p>}
              {moment.remedy && <p class="small">{moment.remedy}</p>}
            </div>
          </li>
        ))}
      </ol>
      {onRetry && (
        <p class="story-steps">
          {delivery.may_retry && <Button onClick={onRetry}>{t("log.retry")}</Button>}
          {canRemind && <Button onClick={() => onResend(only.reminder_id)}>{t("resend")}</Button>}
          {only && (
            <a
              class="button quiet"
              href={addressOf("why", { person: only.user_id, date: dateOf(delivery.due_at) })}
            >
              {t("why")}
            </a>
          )}
          {delivery.may_retry && (
            <span class="soft small">{t("expires", { when: formatTime(delivery.expires_at) })}</span>
          )}
        </p>
      )}
    </div>
  );
}
