import type { ComponentType } from "preact";
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { sayProblem } from "../api/problem";
import { useResource } from "../api/resource";
import { Button } from "../ui/Button";
import { say } from "../ui/Toast";
import type { FactorDialogProps } from "./FactorDialogs";
import { word } from "./words";

/** The authenticator app beside the password: whether it is on, and the way there and back. */
export function SecondFactor() {
  const state = useResource("second-factor", () => api.get("/api/v1/me/second-factor"));
  const [Opened, setOpened] = useState<{ dialog: ComponentType<FactorDialogProps> } | null>(null);

  async function open(which: "SetUpFactor" | "DropFactor") {
    try {
      setOpened({ dialog: (await import("./FactorDialogs"))[which] });
    } catch (error) {
      say(sayProblem(error), { isProblem: true });
    }
  }

  return (
    <section class="section">
      <h2>{word("factor.title")}</h2>
      <p class="soft">{word("factor.text")}</p>
      {state.error !== null && <p class="form-problem">{sayProblem(state.error)}</p>}
      {state.value?.is_on && <p>{word("factor.on", { n: state.value.recovery_codes_left })}</p>}
      {state.value && (
        <div>
          {state.value.is_on ? (
            <Button onClick={() => void open("DropFactor")}>{word("factor.off")}</Button>
          ) : (
            <Button onClick={() => void open("SetUpFactor")}>{word("factor.begin")}</Button>
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
