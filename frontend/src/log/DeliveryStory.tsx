import { sayHint } from "../channels/form";
import { t } from "../i18n";
import { sayClockToTheSecond } from "../lib/time";
import { Button } from "../ui/Button";
import { type Delivery, storyOf } from "./story";
import "./log.css";

/** A delivery from the moment it was due to the provider's answer, as a vertical line of moments. */
export function DeliveryStory({
  delivery,
  title = delivery.title,
  onRetry,
}: {
  delivery: Delivery;
  title?: string;
  onRetry?: () => void;
}) {
  const names = [...new Map(delivery.people.map((person) => [person.user_id, person.name])).values()];
  return (
    <div class="story">
      <p class="lead">{title}</p>
      {names.length > 1 && <p class="soft">{names.join(t("list.comma"))}</p>}
      <ol class="story-line">
        {storyOf(delivery).map((moment, index) => (
          <li key={`${index}-${moment.at}`} class={moment.tone}>
            <time class="figures" dateTime={moment.at}>
              {sayClockToTheSecond(moment.at)}
            </time>
            <div>
              <p>{moment.title}</p>
              {moment.words && <p class="soft small">{moment.words}</p>}
              {moment.hint && <p class="small">{sayHint(moment.hint, moment.hintText)}</p>}
            </div>
          </li>
        ))}
      </ol>
      {onRetry && (delivery.status === "failed" || delivery.status === "expired") && (
        <Button onClick={onRetry}>{t("log.retry")}</Button>
      )}
    </div>
  );
}
