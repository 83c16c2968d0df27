import { translationOf } from "../i18n";

interface Answer {
  provider_code: string;
  provider_message: string;
}

/** A provider's answer as received; where there was none, what the system says of that. */
export const ProviderWords = ({ answer, instead = "" }: { answer: Answer; instead?: string }) => (
  <>
    {translationOf(`answer.${answer.provider_code}`) ?? (
      <>
        {answer.provider_code && <code>{answer.provider_code}</code>} {answer.provider_message || instead}
      </>
    )}
  </>
);
