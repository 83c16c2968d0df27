import { translationOf } from "../i18n";

interface Answer {
  provider_code: string;
  provider_message: string;
}

/** The codes of what no provider was asked for. */
const NOT_SENT: readonly string[] = ["no_recipient", "channel_off", "connected_elsewhere"];

/** What came of an attempt, in words. */
export const outcomeWords = (attempt: { outcome: string; provider_code: string }) =>
  translationOf(`outcome.${NOT_SENT.includes(attempt.provider_code) ? "not_sent" : attempt.outcome}`) ??
  attempt.outcome;

/** A provider's answer as received; where there was none, what the system says of that. */
export const ProviderWords = ({ answer, instead = "" }: { answer: Answer; instead?: string }) => (
  <>
    {translationOf(`answer.${answer.provider_code}`) ?? (
      <>
        {answer.provider_code && <code>{answer.provider_code}</code>}{" "}
        {answer.provider_message || (answer.provider_code ? "" : instead)}
      </>
    )}
  </>
);
