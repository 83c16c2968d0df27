import { useEffect, useState } from "preact/hooks";
import { problemText } from "../api/problem";
import { attempt, useRunning } from "../ui/attempt";
import { Button } from "../ui/Button";
import { deviceName, type PushState, pushState, turnPushOff, turnPushOn } from "./push";
import { t } from "./words";

/** Whether reminders ring on this device, with the button that turns it on, or the reason why it cannot work. */
export function PushHere({ onChanged }: { onChanged: () => void }) {
  const [state, setState] = useState<PushState | null>(null);
  const [running, run] = useRunning<"push">();
  const look = () => pushState().then(setState, () => setState("unsupported"));
  useEffect(() => {
    void look();
    // Back from the settings where notifications were allowed.
    addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  if (state === null) return null;
  const isOn = state === "on";
  const turn = async () => {
    const name = t("push.name", { device: deviceName(navigator.userAgent) });
    const work = isOn ? turnPushOff : () => turnPushOn(name);
    await attempt(work, undefined, (problem) =>
      problem instanceof DOMException ? t("push.refused") : problemText(problem),
    );
    await look();
    onChanged();
  };
  return (
    <section class="push-here" aria-label={t("push.title")}>
      <div>
        <strong>{t("push.title")}</strong>
        <p class="small soft">{t(`push.${state}`)}</p>
      </div>
      {(isOn || state === "off" || state === "lost") && (
        <Button isBusy={running === "push"} onClick={() => run("push", turn)}>
          {t(isOn ? "push.turn_off" : "push.turn_on")}
        </Button>
      )}
    </section>
  );
}
