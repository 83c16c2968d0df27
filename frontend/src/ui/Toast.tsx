import { signal } from "@preact/signals";
import { useLayoutEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { IconButton } from "./Button";

interface Toast {
  id: number | string;
  text: string;
  isProblem: boolean;
  action?: { label: string; run: () => void } | undefined;
}

const toasts = signal<Toast[]>([]);
/** The open dialogs, the last one on top: what lies outside it can neither be seen well nor pressed. */
const dialogs = signal<readonly symbol[]>([]);
let lastId = 0;

const STAYS_MS = 5000;
const PROBLEM_STAYS_MS = 10_000;

export function showToast(
  text: string,
  options: { id?: string; isProblem?: boolean; action?: Toast["action"]; staysMs?: number } = {},
) {
  const id = options.id ?? ++lastId;
  const isProblem = options.isProblem ?? false;
  // The same words twice are one message.
  toasts.value = [
    ...toasts.value.filter((each) => each.text !== text).slice(-2),
    { id, text, isProblem, action: options.action },
  ];
  const staysMs = options.staysMs ?? (isProblem ? PROBLEM_STAYS_MS : STAYS_MS);
  const goWhenRead = () => setTimeout(() => (isHeld(id) ? goWhenRead() : dismiss(id)), staysMs);
  goWhenRead();
}

/** A toast under the pointer or with the focus is still being read. */
const isHeld = (id: Toast["id"]) =>
  document.querySelector(`[data-toast="${id}"]:is(:hover, :focus-within)`) !== null;

/** Also where what it offers was done in another way. */
export function dismiss(id: Toast["id"]) {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}

/** When the session ends: what is offered was for whoever was signed in. */
export function dismissOffers() {
  toasts.value = toasts.value.filter((each) => !each.action);
}

/** The toasts, while no dialog is open. */
export const Toasts = () => <div role="status">{listOf(undefined)}</div>;

/** The toasts, while the dialog that they stand in is on top. */
export function ToastsOfDialog() {
  const [own] = useState(() => Symbol());
  useLayoutEffect(() => {
    dialogs.value = [...dialogs.peek(), own];
    return () => {
      dialogs.value = dialogs.peek().filter((each) => each !== own);
    };
  }, [own]);
  return listOf(own);
}

function listOf(layer: symbol | undefined) {
  const shown = dialogs.value.at(-1) === layer ? toasts.value : [];
  return (
    <div class="toasts" aria-live="polite">
      {shown.map((toast) => (
        <div key={toast.id} data-toast={toast.id} class={`toast${toast.isProblem ? " problem" : ""}`}>
          <p>{toast.text}</p>
          {toast.action && (
            <button
              type="button"
              class="button quiet"
              onClick={() => {
                toast.action?.run();
                dismiss(toast.id);
              }}
            >
              {toast.action.label}
            </button>
          )}
          <IconButton icon="close" label={t("action.close")} onClick={() => dismiss(toast.id)} />
        </div>
      ))}
    </div>
  );
}
