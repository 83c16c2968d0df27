import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { Button, IconButton } from "./Button";
import { ToastsOfDialog } from "./Toast";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  isWide?: boolean;
  /** On a desk it stands at the side, and the list that it belongs to stays in sight. */
  isBeside?: boolean;
  /** Its contents are shown only once: neither a click outside nor Escape closes it. */
  isFirm?: boolean;
}

const FIELD = "input:not([readonly], [type=radio]:not(:checked)), select, textarea";

/**
 * The first field, of a choice what is chosen, for whoever has a keyboard already; the dialog itself for a thumb, over whose form a keyboard would rise,
 * and where there is nothing to fill in. Else the browser takes the button that closes it.
 */
function focusIn(dialog: HTMLDialogElement) {
  const field = matchMedia("(pointer: fine)").matches
    ? [...dialog.querySelectorAll<HTMLElement>(FIELD)].find((each) => each.matches(":enabled"))
    : null;
  (field ?? dialog).focus();
}

/** A modal `<dialog>`: open while it is rendered; on closing, the focus returns to where it was. */
export function Dialog({ title, onClose, children, isWide, isBeside, isFirm }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const before = useRef<Element | null>(null);
  // Before the effects of what is in it: the field that is to have the focus can only take it in an open dialog.
  useLayoutEffect(() => {
    before.current = document.activeElement;
    dialog.current?.showModal();
    if (dialog.current) focusIn(dialog.current);
  }, []);
  // What had the focus may be gone: the form of the step before.
  useEffect(() => {
    if (dialog.current && document.activeElement === document.body) focusIn(dialog.current);
  });
  // After it is gone: while it is open, nothing outside it takes the focus.
  useEffect(
    () => () => {
      if (before.current instanceof HTMLElement && before.current.isConnected) before.current.focus();
    },
    [],
  );
  return (
    <dialog
      ref={dialog}
      tabIndex={-1}
      class={`dialog${isWide ? " wide" : ""}${isBeside ? " beside" : ""}`}
      aria-labelledby={id}
      onCancel={(event) => {
        // A file that was not chosen after all cancels, too.
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        if (!isFirm) onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === event.currentTarget && !isFirm) onClose();
      }}
    >
      <div class="dialog-body">
        <header>
          <h2 id={id}>{title}</h2>
          <IconButton icon="close" label={t("action.close")} onClick={onClose} />
        </header>
        {children}
      </div>
      <ToastsOfDialog />
    </dialog>
  );
}

/** Confirms something that cannot be undone. */
export function Confirm(props: {
  title: string;
  text: string;
  action: string;
  /** The label of the other button; by default “Cancel”. */
  otherwise?: string;
  isBusy?: boolean;
  onYes: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <p>{props.text}</p>
      <footer class="form-foot">
        <Button look="main" isBusy={props.isBusy ?? false} onClick={props.onYes}>
          {props.action}
        </Button>
        <Button look="quiet" onClick={props.onClose}>
          {props.otherwise ?? t("action.cancel")}
        </Button>
      </footer>
    </Dialog>
  );
}
