import { api } from "../api/client";
import { TestDialog } from "../forms/TestDialog";
import { addressOf } from "../lib/router";
import { AwaitTap } from "./AwaitTap";
import type { Channel } from "./channel";
import { Calls, Outcome, type TestResult, Wires } from "./Outcome";
import { t } from "./words";

/** Sends one message on the way that reminders go, and shows what went over the wire. */
export function TestChannel({ item: channel, onClose }: { item: Channel; onClose: () => void }) {
  return (
    <TestDialog<TestResult>
      title={t("test_title", { name: channel.name })}
      isWide
      action={t("test_again")}
      running={t("testing")}
      run={() => api.post("/api/v1/channels/{channel_id}/test", { path: { channel_id: channel.id } })}
      outcome={(result) => (
        <>
          <Outcome result={result} />
          {result.awaits_tap && result.delivery_id && (
            <AwaitTap key={result.delivery_id} channel={channel.id} delivery={result.delivery_id} />
          )}
        </>
      )}
      details={(result) => (
        <>
          <Calls result={result} />
          <Wires exchanges={result.exchanges} />
        </>
      )}
      links={({ delivery_id }) =>
        delivery_id && (
          <a class="button quiet" href={addressOf("log", { delivery: delivery_id })}>
            {t("in_the_log")}
          </a>
        )
      }
      onClose={onClose}
    />
  );
}
