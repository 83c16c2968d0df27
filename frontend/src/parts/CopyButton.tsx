import { t } from "../i18n";
import { Button, type ButtonLook } from "../ui/Button";
import { showToast } from "../ui/Toast";

/** A page without HTTPS, as in many a home network, has no clipboard to write to; the old way still works there. */
async function put(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    let isPut = false;
    const give = (event: ClipboardEvent) => {
      event.clipboardData?.setData("text/plain", text);
      event.preventDefault();
      // Nobody else's copy: the roster has one of its own.
      event.stopImmediatePropagation();
      isPut = event.clipboardData !== null;
    };
    document.addEventListener("copy", give, { capture: true });
    document.execCommand("copy");
    document.removeEventListener("copy", give, { capture: true });
    return isPut;
  }
}

/** Copies a secret that is shown once, and shows whether copying worked. */
export function CopyButton(props: { text: string; label: string; name?: string; look?: ButtonLook }) {
  const { text, label, name, look } = props;
  return (
    <Button
      look={look ?? "plain"}
      aria-label={name}
      onClick={async () => {
        if (await put(text)) showToast(t("action.copied"));
        else showToast(t("action.copy_by_hand"), { isProblem: true });
      }}
    >
      {label}
    </Button>
  );
}
