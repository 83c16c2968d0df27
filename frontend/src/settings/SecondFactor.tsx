import { useState } from "preact/hooks";
import { useGet } from "../api/get";
import { problemText } from "../api/problem";
import { lazyDialog } from "../lib/lazy";
import { Button } from "../ui/Button";
import { Section } from "../ui/Page";
import { t } from "./words";

const DIALOGS = {
  on: lazyDialog(() => import("./FactorDialogs").then((it) => it.SetUpFactor)),
  off: lazyDialog(() => import("./FactorDialogs").then((it) => it.DropFactor)),
};

/** The authenticator app beside the password: whether it is on, and the way there and back. */
export function SecondFactor() {
  const state = useGet("/api/v1/me/second-factor", {});
  const [opened, setOpened] = useState<keyof typeof DIALOGS | null>(null);
  const Opened = opened && DIALOGS[opened];

  return (
    <Section title={t("factor.title")} text={t("factor.text")}>
      {state.error !== null && <p class="form-problem">{problemText(state.error)}</p>}
      {state.value?.is_on && <p>{t("factor.on", { n: state.value.recovery_codes_left })}</p>}
      {state.value && (
        <div>
          <Button onClick={() => setOpened(state.value?.is_on ? "off" : "on")}>
            {t(state.value.is_on ? "factor.off" : "factor.begin")}
          </Button>
        </div>
      )}
      {Opened && (
        <Opened
          onClose={() => {
            setOpened(null);
            void state.reload();
          }}
        />
      )}
    </Section>
  );
}
