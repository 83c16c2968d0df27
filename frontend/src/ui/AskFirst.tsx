import { useState } from "preact/hooks";
import { t } from "../i18n";
import { Button, type ButtonProps } from "./Button";
import { Confirm } from "./Dialog";

interface AskFirstProps extends Omit<ButtonProps, "onClick"> {
  label: string;
  /** The same with its object, where others on the page are called alike: Revoke “Phone”. */
  name?: string;
  /** The question; by default the name. */
  title?: string;
  /** What follows from it. */
  text: string;
  onYes: () => Promise<unknown>;
}

/** A button for what cannot be taken back by the next press: it asks, and says what follows. */
export function AskFirst({ label, name, title, text, onYes, ...button }: AskFirstProps) {
  const [state, setState] = useState<"closed" | "asking" | "busy">("closed");
  const close = () => setState("closed");
  return (
    <>
      <Button {...button} aria-label={name} onClick={() => setState("asking")}>
        {label}
      </Button>
      {state !== "closed" && (
        <Confirm
          title={title ?? t("ask.title", { what: name ?? label })}
          text={text}
          action={label}
          isBusy={state === "busy"}
          onYes={() => {
            setState("busy");
            void onYes().finally(close);
          }}
          onClose={close}
        />
      )}
    </>
  );
}
