import type { ComponentChildren } from "preact";
import { t } from "../i18n";
import { Button } from "./Button";

interface FormFootProps {
  /** The main button's label; by default “Save”. */
  action?: string;
  isBusy: boolean;
  isDisabled?: boolean;
  look?: "main" | "act";
  onClose: () => void;
  /** Further buttons. */
  children?: ComponentChildren;
}

/** The buttons of a form in a dialog. */
export function FormFoot(props: FormFootProps) {
  return (
    <footer class="form-foot">
      <Button look={props.look ?? "main"} type="submit" isBusy={props.isBusy} disabled={props.isDisabled}>
        {props.action ?? t("action.save")}
      </Button>
      <Button look="quiet" onClick={props.onClose}>
        {t("action.cancel")}
      </Button>
      {props.children}
    </footer>
  );
}
