import type { components } from "../api/schema";
import { me } from "../api/session";
import { listed, localized } from "../i18n";
import { groupsOf } from "../lib/groups";
import { outcomeWords, ProviderWords } from "../parts/ProviderWords";
import { Raw } from "../parts/Raw";
import { ShapeAndWord } from "../ui/StateMark";
import "./channels.css";
import { pretty } from "./pretty";
import { t } from "./words";

export type TestResult = components["schemas"]["TestResult"];
type Exchange = components["schemas"]["ExchangeRead"];

/** What the provider answered, and what to do. */
export function Outcome({ result }: { result: TestResult }) {
  const isDone = result.outcome === "done";
  const remedy = localized(result.hint_text);
  return (
    <dl class="test-answer">
      <dt class="only-heard">{t("log.status")}</dt>
      <dd>
        <ShapeAndWord look={isDone ? "done" : "missed"} word={outcomeWords(result)} />
      </dd>
      <dt>{t("said")}</dt>
      <dd class="figures">
        <ProviderWords answer={result} instead={t("said_nothing")} />{" "}
        <span class="soft">{t("story.latency", { n: result.latency_ms })}</span>
      </dd>
      {remedy && (
        <>
          <dt>{t("remedy")}</dt>
          <dd>{remedy}</dd>
        </>
      )}
    </dl>
  );
}

/** Whom reminders on this channel would call, and whom not. Those who are not called come first. */
export function Calls({ result: { people, rows_of_nobody: strangers } }: { result: TestResult }) {
  if (people.length === 0 && strangers.length === 0) return null;
  const called = people.filter((person) => person.is_called);
  const missed = people.filter((person) => !person.is_called);
  return (
    <section class="wire">
      <h3>{t("calls")}</h3>
      {missed.length > 0 && (
        <>
          <p class="urgent">{t("calls_missed", { n: missed.length })}</p>
          <ul class="calls">
            {[...groupsOf(missed, (person) => localized(person.reason_text) ?? "")].map(([reason, some]) => (
              <li key={reason}>
                <b>{listed(some.map((person) => person.name))}</b> <span class="soft small">{reason}</span>
              </li>
            ))}
          </ul>
          <p class="soft small">{t("calls_missed_then")}</p>
        </>
      )}
      {strangers.length > 0 && <p>{t("calls_strangers", { names: listed(strangers) })}</p>}
      {called.length > 0 && (
        <p>
          {t("calls_called", { n: called.length })}
          <span class="soft">{listed(called.map((person) => person.name))}</span>
        </p>
      )}
    </section>
  );
}

/** What went over the wire. */
export const Wires = ({ exchanges }: { exchanges: readonly Exchange[] }) =>
  exchanges.map((exchange, index) => (
    <Wire
      key={`${index}-${exchange.url}`}
      exchange={exchange}
      number={exchanges.length > 1 ? index + 1 : null}
    />
  ));

/** One request and its answer. */
function Wire({ exchange, number }: { exchange: Exchange; number: number | null }) {
  const headers = Object.entries(exchange.headers);
  const hidden = me.value?.role === "admin" ? t("answer_empty") : t("answer_hidden");
  return (
    <section class="wire">
      <h3>{number === null ? t("request") : t("request_nth", { n: number })}</h3>
      <p class="soft small">{t("secrets_masked")}</p>
      <p class="wire-line">
        <code>{exchange.method}</code> <code>{exchange.url}</code>
      </p>
      {headers.length > 0 && (
        <details class="advanced">
          <summary>{t("headers")}</summary>
          <Raw label={t("headers")}>{headers.map(([name, value]) => `${name}: ${value}`).join("\n")}</Raw>
        </details>
      )}
      {exchange.body && <Raw label={t("body")}>{pretty(exchange.body)}</Raw>}
      <h3>
        {t("answer")}
        {exchange.status !== null && <code class="wire-status">HTTP {exchange.status}</code>}
      </h3>
      {exchange.answer ? (
        <Raw label={t("answer")}>{pretty(exchange.answer)}</Raw>
      ) : (
        <p class="soft small">{exchange.status === null ? t("answer_none") : hidden}</p>
      )}
    </section>
  );
}
