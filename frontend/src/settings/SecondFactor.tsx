import { useState } from "preact/hooks";
import { useGet } from "../api/get";
import { lazyDialog } from "../lib/lazy";
import { Button } from "../ui/Button";
import { Loaded } from "../ui/EmptyState";
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
      <Loaded from={state}>
        {({ is_on, recovery_codes_left }) => (
          <>
            {is_on && <p>{t("factor.on", { n: recovery_codes_left })}</p>}
            <div>
              <Button onClick={() => setOpened(is_on ? "off" : "on")}>
                {t(is_on ? "factor.off" : "factor.begin")}
              </Button>
            </div>
          </>
        )}
      </Loaded>
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
