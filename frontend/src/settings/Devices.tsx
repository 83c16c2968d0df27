import { api } from "../api/client";
import { problemText } from "../api/problem";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { signOutEverywhere } from "../api/session";
import { now } from "../lib/now";
import { formatDateTime } from "../lib/time";
import { Button } from "../ui/Button";
import { Loaded } from "../ui/EmptyState";
import { showToast } from "../ui/Toast";
import { deviceOf } from "./device";
import { t } from "./words";

type Device = components["schemas"]["DeviceRead"];

function nameOf(device: Device): string {
  const { browser, system } = deviceOf(device.user_agent);
  if (browser && system) return t("device.on", { browser, system });
  return browser ?? system ?? t("device.unknown");
}

/** Where one is signed in; each can be signed out, at once. */
export function Devices() {
  const devices = useResource("devices", async () => (await api.get("/api/v1/me/devices")).items);

  async function signOut(some: Device[], said: string) {
    try {
      for (const device of some)
        await api.delete("/api/v1/me/devices/{device_id}", { path: { device_id: device.id } });
      showToast(said);
    } catch (error) {
      showToast(problemText(error), { isProblem: true });
    }
    await devices.reload();
  }

  async function leaveEverywhere() {
    try {
      await signOutEverywhere();
    } catch (error) {
      showToast(problemText(error), { isProblem: true });
    }
  }

  return (
    <section class="section">
      <h2>{t("device.title")}</h2>
      <p class="soft">{t("device.text")}</p>
      <Loaded from={devices}>
        {(all) => {
          const others = all.filter((device) => !device.is_current);
          return (
            <>
              <ul class="rows">
                {all.map((device) => (
                  <li key={device.id} class="row-link">
                    <span class="grow">
                      {nameOf(device)}
                      {device.is_current && <b class="soft small"> · {t("device.here")}</b>}
                      <br />
                      <span class="soft small">
                        {device.address} ·{" "}
                        {t("device.used", { when: formatDateTime(device.last_used_at, now.value) })}
                      </span>
                    </span>
                    {!device.is_current && (
                      <Button
                        look="quiet"
                        aria-label={t("device.sign_out_named", { name: nameOf(device) })}
                        onClick={() =>
                          void signOut([device], t("device.signed_out", { name: nameOf(device) }))
                        }
                      >
                        {t("device.sign_out")}
                      </Button>
                    )}
                  </li>
                ))}
              </ul>
              <div class="form-foot">
                {others.length > 0 && (
                  <Button onClick={() => void signOut(others, t("device.others_out"))}>
                    {t("device.others")}
                  </Button>
                )}
                <Button look="quiet" onClick={() => void leaveEverywhere()}>
                  {t("device.everywhere")}
                </Button>
              </div>
            </>
          );
        }}
      </Loaded>
    </section>
  );
}
