import { useState } from "preact/hooks";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import { lazyDialog } from "../lib/lazy";
import { store, stored } from "../lib/storage";
import { Button } from "../ui/Button";
import { GONE } from "./steps";
import { t } from "./words";

const PhoneCheck = lazyDialog(() => import("./PhoneCheck").then((it) => it.PhoneCheck));
/** The address about which an administrator does not want to hear any more. */
const SILENCED = "daka.address_notice";

/** For administrators, while no phone has opened the address in messages: nobody else would tell before a reminder is missed. */
export function AddressNotice() {
  const [silenced, setSilenced] = useState(() => stored(SILENCED));
  const [isTrying, setTrying] = useState(false);
  const check = useResource("phone", () => api.get("/api/v1/doctor/phone"), ["channel"]);
  const address = check.value?.public_url ?? null;
  const here = location.origin;
  if (address === null || check.value?.opened_at || silenced === address) return null;
  if (address === here && stored(GONE) === null) return null; // one of the first steps asks for it
  return (
    <section class="note address-notice">
      <p>
        {address === here
          ? t("address.untried", { url: address })
          : t("address.differs", { url: address, here })}
      </p>
      <div>
        <Button onClick={() => setTrying(true)}>{t("address.try")}</Button>
        <Button
          look="quiet"
          onClick={() => {
            store(SILENCED, address);
            setSilenced(address);
          }}
        >
          {t("address.silence")}
        </Button>
      </div>
      {isTrying && <PhoneCheck onClose={() => setTrying(false)} />}
    </section>
  );
}
