import type { ComponentType } from "preact";
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { problemText } from "../api/problem";
import { useResource } from "../api/resource";
import { Button } from "../ui/Button";
import { showToast } from "../ui/Toast";
import type { FactorDialogProps } from "./FactorDialogs";
import { t } from "./words";

/** The authenticator app beside the password: whether it is on, and the way there and back. */
export function SecondFactor() {
  const state = useResource("second-factor", () => api.get("/api/v1/me/second-factor"));
  const [Opened, setOpened] = useState<{ dialog: ComponentType<FactorDialogProps> } | null>(null);

  async function open(which: "SetUpFactor" | "DropFactor") {
    try {
      setOpened({ dialog: (await import("./FactorDialogs"))[which] });
    } catch (error) {
      showToast(problemText(error), { isProblem: true });
    }
  }

  return (
    <section class="section">
      <h2>{t("factor.title")}</h2>
      <p class="soft">{t("factor.text")}</p>
      {state.error !== null && <p class="form-problem">{problemText(state.error)}</p>}
      {state.value?.is_on && <p>{t("factor.on", { n: state.value.recovery_codes_left })}</p>}
      {state.value && (
        <div>
          {state.value.is_on ? (
            <Button onClick={() => void open("DropFactor")}>{t("factor.off")}</Button>
          ) : (
            <Button onClick={() => void open("SetUpFactor")}>{t("factor.begin")}</Button>
          )}
        </div>
      )}
      {Opened && (
        <Opened.dialog
          onClose={() => {
            setOpened(null);
            void state.reload();
          }}
        />
      )}
    </section>
  );
}
