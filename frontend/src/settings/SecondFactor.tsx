import { useState } from "preact/hooks";
import { api } from "../api/client";
import { problemText } from "../api/problem";
import { useResource } from "../api/resource";
import { lazyDialog } from "../lib/lazy";
import { Button } from "../ui/Button";
import { t } from "./words";

const DIALOGS = {
  on: lazyDialog(() => import("./FactorDialogs").then((it) => it.SetUpFactor)),
  off: lazyDialog(() => import("./FactorDialogs").then((it) => it.DropFactor)),
};

/** The authenticator app beside the password: whether it is on, and the way there and back. */
export function SecondFactor() {
  const state = useResource("second-factor", () => api.get("/api/v1/me/second-factor"));
  const [opened, setOpened] = useState<keyof typeof DIALOGS | null>(null);
  const Opened = opened && DIALOGS[opened];

  return (
    <section class="section">
      <h2>{t("factor.title")}</h2>
      <p class="soft">{t("factor.text")}</p>
      {state.error !== null && <p class="form-problem">{problemText(state.error)}</p>}
      {state.value?.is_on && <p>{t("factor.on", { n: state.value.recovery_codes_left })}</p>}
      {state.value && (
        <div>
          {state.value.is_on ? (
            <Button onClick={() => setOpened("off")}>{t("factor.off")}</Button>
          ) : (
            <Button onClick={() => setOpened("on")}>{t("factor.begin")}</Button>
          )}
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
    </section>
  );
}
