import type { ComponentChildren } from "preact";
import { t } from "../i18n";
import { Button } from "./Button";

interface FormFootProps {
  /** What the form does; it saves unless it says something else. */
  action?: string;
  isBusy: boolean;
  isDisabled?: boolean;
  onClose: () => void;
  /** Other ways out of it. */
  children?: ComponentChildren;
}

/** The end of a form in a dialog: do it, or leave it. */
export function FormFoot(props: FormFootProps) {
  return (
    <footer class="form-foot">
      <Button look="main" type="submit" isBusy={props.isBusy} disabled={props.isDisabled ?? false}>
        {props.action ?? t("action.save")}
      </Button>
      <Button look="quiet" onClick={props.onClose}>
        {t("action.cancel")}
      </Button>
      {props.children}
    </footer>
  );
}
