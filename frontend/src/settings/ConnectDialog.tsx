import { api } from "../api/client";
import type { components } from "../api/schema";
import { providerName } from "../auth/externalLogin";
import { Dialog } from "../ui/Dialog";
import { PasswordForm } from "./PasswordForm";
import { t } from "./words";

interface ConnectDialogProps {
  to: components["schemas"]["ConnectionRead"];
  onClose: () => void;
}

/** The password, then the provider's own page, which sends the browser back here. */
export function ConnectDialog({ to, onClose }: ConnectDialogProps) {
  const name = providerName(to);
  return (
    <Dialog title={t("connection.connect_named", { name })} onClose={onClose}>
      <PasswordForm
        action={t("connection.next", { name })}
        onClose={onClose}
        onPassword={async (current_password) => {
          const { url } = await api.post("/api/v1/me/connections/{provider}", {
            path: { provider: to.provider },
            body: { current_password },
          });
          location.assign(url);
          await new Promise(() => undefined); // busy until the browser is there
        }}
      />
    </Dialog>
  );
}
