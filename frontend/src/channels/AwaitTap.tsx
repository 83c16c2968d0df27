import { useEffect, useState } from "preact/hooks";
import { api } from "../api/client";
import { Button } from "../ui/Button";
import { ShapeAndWord } from "../ui/StateMark";
import { t } from "./words";

const endOfWait = () => performance.now() + 60_000;

/** Waits for a tap on the button of a test message: that it is answered can only be tried by tapping. */
export function AwaitTap({ channel, delivery }: { channel: number; delivery: number }) {
  const [until, setUntil] = useState(endOfWait);
  const [polls, setPolls] = useState(0);
  const [tap, setTap] = useState<{ is_tapped: boolean; is_known: boolean } | null>(null);
  const left = Math.ceil((until - performance.now()) / 1000);
  const isWaiting = left > 0 && !tap?.is_tapped;

  useEffect(() => {
    if (!isWaiting) return;
    const timer = setTimeout(async () => {
      const path = { channel_id: channel, delivery_id: delivery };
      const found = await api
        .get("/api/v1/channels/{channel_id}/taps/{delivery_id}", { path })
        .catch(() => null);
      if (found?.is_tapped) setTap(found);
      else setPolls((n) => n + 1);
    }, 1000);
    return () => clearTimeout(timer);
  }, [isWaiting, polls]);

  if (tap?.is_tapped)
    return (
      <p>
        <ShapeAndWord look="done" word={t("tap_came")} /> {!tap.is_known && t("tap_unknown")}
      </p>
    );
  if (isWaiting)
    return (
      <p>
        <ShapeAndWord look="nagging" word={t("tap_waiting")} />{" "}
        <span class="soft">{t("tap_left", { n: left })}</span>
      </p>
    );
  return (
    <p>
      <ShapeAndWord look="missed" word={t("tap_missing")} /> {t("tap_why")}{" "}
      <Button look="quiet" onClick={() => setUntil(endOfWait())}>
        {t("tap_wait_again")}
      </Button>
    </p>
  );
}
