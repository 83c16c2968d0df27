import { api } from "../api/client";
import { useResource } from "../api/resource";
import { QrCode } from "../parts/QrCode";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Loaded } from "../ui/EmptyState";
import { t } from "./words";

/** A QR code of the address in messages, which ticks itself when a phone has opened it. */
export function PhoneCheck({ onClose }: { onClose: () => void }) {
  const check = useResource("phone", () => api.get("/api/v1/doctor/phone"), ["channel"]);
  return (
    <Dialog title={t("step.phone")} onClose={onClose}>
      <div class="form">
        <Loaded from={check}>
          {({ public_url, qr_svg, opened_at, is_from_internet }) =>
            qr_svg === null || public_url === null ? (
              <p>{t("phone.none")}</p>
            ) : (
              <>
                <p>{t("phone.scan")}</p>
                {public_url !== location.origin && opened_at === null && (
                  <p class="note">{t("phone.other_address", { url: public_url, here: location.origin })}</p>
                )}
                <QrCode svg={qr_svg} label={t("phone.qr")} />
                <p role="status" class={opened_at === null ? "soft" : ""}>
                  {t(
                    opened_at === null
                      ? "phone.waiting"
                      : is_from_internet
                        ? "phone.internet"
                        : "phone.nearby",
                  )}
                </p>
              </>
            )
          }
        </Loaded>
        <footer class="form-foot">
          <Button look="main" onClick={onClose}>
            {t(check.value?.opened_at ? "phone.close" : "action.close")}
          </Button>
        </footer>
      </div>
    </Dialog>
  );
}
