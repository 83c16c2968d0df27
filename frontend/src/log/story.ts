import type { components } from "../api/schema";
import { listed, localized, translationOf } from "../i18n";
import { formatDelay } from "../lib/time";
import { outcomeWords } from "../parts/ProviderWords";
import { t } from "./words";

export type Delivery = components["schemas"]["DeliveryRead"];

/** One dot on the vertical line of a delivery's story. */
export interface StoryMoment {
  at: string;
  title: string;
  /** The provider's own words. */
  words: string;
  /** What to do about it. */
  remedy: string;
  /** Another delivery with more about this one. */
  leadsTo?: number;
  tone: "plain" | "done" | "bad" | "wait";
}

export function answerText(attempt: {
  provider_code: string;
  provider_message: string;
  http_status: number | null;
}): string {
  // The system's own answers are translated; a provider's are shown as received.
  const own = translationOf(`answer.${attempt.provider_code}`);
  if (own) return own;
  const code = attempt.provider_code || (attempt.http_status ? `HTTP ${attempt.http_status}` : "");
  return [code, attempt.provider_message].filter(Boolean).join(" ");
}

/** The same in a story: `0 ok` alone means nothing to anybody, so it is said to be the provider's. */
const storyWords = (attempt: Parameters<typeof answerText>[0] & { outcome: string }) =>
  attempt.outcome === "done" && !translationOf(`answer.${attempt.provider_code}`)
    ? t("story.said", { words: answerText(attempt) })
    : answerText(attempt);

/** The answer in one line: a provider's `0 ok` means that it took the message. The story has its own words. */
export const answerWords = (
  attempt: Parameters<typeof answerText>[0] & { outcome: string; is_receipt: boolean },
) =>
  attempt.outcome === "done" && !translationOf(`answer.${attempt.provider_code}`)
    ? t(attempt.is_receipt ? "arrived" : "accepted")
    : answerText(attempt);

/** From the moment it was due to the provider's answer, in order. */
export function storyOf(delivery: Delivery): StoryMoment[] {
  const moments: StoryMoment[] = [
    { at: delivery.due_at, title: t("story.due"), words: "", remedy: "", tone: "plain" },
  ];
  let tries = 0;
  for (const attempt of delivery.attempts) {
    const isDone = attempt.outcome === "done";
    if (attempt.is_receipt) {
      moments.push({
        at: attempt.at,
        title: t(isDone ? "arrived" : "not_arrived"),
        words: storyWords(attempt),
        remedy: localized(attempt.hint_text) ?? "",
        tone: isDone ? "done" : "bad",
      });
      continue;
    }
    if (attempt.provider_code === "channel_off") {
      moments.push({
        at: attempt.at,
        title: t("not_sent"),
        words: answerText(attempt),
        remedy: "",
        tone: "bad",
      });
      continue;
    }
    tries += 1;
    moments.push({
      at: attempt.at,
      title: `${t("story.attempt", { n: tries })} · ${outcomeWords(attempt)}`,
      words: `${storyWords(attempt)} · ${t("story.latency", { n: attempt.latency_ms })}`,
      remedy: localized(attempt.hint_text) ?? "",
      tone: isDone ? "done" : attempt.outcome === "retry" || attempt.outcome === "throttled" ? "wait" : "bad",
    });
  }
  if (delivery.next_attempt_at)
    moments.push({
      at: delivery.next_attempt_at,
      title: t("story.next"),
      words: "",
      remedy: "",
      tone: "wait",
    });
  if (delivery.superseded_by !== null)
    moments.push({
      at: delivery.attempts.at(-1)?.at ?? delivery.due_at,
      title: t("superseded"),
      words: "",
      remedy: "",
      leadsTo: delivery.superseded_by,
      tone: "wait",
    });
  else if (delivery.status === "expired" || delivery.status === "failed")
    moments.push({
      at: delivery.expires_at,
      title: t("story.expires"),
      words: "",
      remedy: "",
      tone: "plain",
    });
  return moments;
}

/** `王波`, `王波 等 12 人` */
export function formatPeople(people: readonly { user_id: number; name: string }[]): string {
  const names = [...new Map(people.map((person) => [person.user_id, person.name])).values()];
  const [first = ""] = names;
  if (names.length <= 2) return listed(names);
  return t("log.to_many", { name: first, n: names.length });
}

/** `+0.2 秒` after it was due, or that it never arrived. */
export function formatSent(delivery: Pick<Delivery, "due_at" | "sent_at">): string {
  return delivery.sent_at ? formatDelay(delivery.due_at, delivery.sent_at) : t("log.not_sent");
}
