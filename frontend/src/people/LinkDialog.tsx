import type { components } from "../api/schema";
import { now } from "../lib/now";
import { formatDateTime } from "../lib/time";
import { CopyButton } from "../parts/CopyButton";
import { QrCode } from "../parts/QrCode";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { t } from "./words";

export type PasswordLink = components["schemas"]["PasswordLinkRead"];

/** A link with which somebody sets a password, to copy or to scan; it is shown this once. */
export function LinkDialog(props: { title: string; text: string; link: PasswordLink; onClose: () => void }) {
  const { link } = props;
  return (
    <Dialog title={props.title} isFirm onClose={props.onClose}>
      <div class="form">
        <p>{props.text}</p>
        <QrCode svg={link.qr_svg} label={t("link.qr")} />
        <code class="secret">{link.url}</code>
        <p class="note">{t("link.until", { when: formatDateTime(link.expires_at, now.value) })}</p>
        <footer class="form-foot">
          <CopyButton look="main" text={link.url} label={t("link.copy")} />
          <Button look="quiet" onClick={props.onClose}>
            {t("link.done")}
          </Button>
        </footer>
      </div>
    </Dialog>
  );
}
