import { api } from "../api/client";
import { useList } from "../api/get";
import type { components } from "../api/schema";
import { signOutEverywhere } from "../api/session";
import { now } from "../lib/now";
import { formatDateTime } from "../lib/time";
import { FactRow } from "../parts/FactRow";
import { AskFirst } from "../ui/AskFirst";
import { attempt } from "../ui/attempt";
import { Loaded } from "../ui/EmptyState";
import { Section } from "../ui/Page";
import { deviceOf } from "./device";
import { t } from "./words";

type Device = components["schemas"]["DeviceRead"];

function nameOf(device: Device): string {
  const { browser, system } = deviceOf(device.user_agent);
  if (browser && system) return t("device.on", { browser, system });
  return browser ?? system ?? t("device.unknown");
}

/** Where one is signed in; each can be signed out. */
export function Devices() {
  const devices = useList("/api/v1/me/devices");

  async function signOut(some: Device[], said: string) {
    await attempt(async () => {
      for (const { id } of some)
        await api.delete("/api/v1/me/devices/{device_id}", { path: { device_id: id } });
    }, said);
    await devices.reload();
  }

  return (
    <Section title={t("device.title")} text={t("device.text")}>
      <Loaded from={devices}>
        {(all) => {
          const others = all.filter((device) => !device.is_current);
          return (
            <>
              <ul class="rows">
                {all.map((device) => {
                  const name = nameOf(device);
                  return (
                    <FactRow
                      key={device.id}
                      name={[name, device.is_current && <b class="soft small"> · {t("device.here")}</b>]}
                      facts={`${device.address} · ${t("device.used", { when: formatDateTime(device.last_used_at, now.value) })}`}
                    >
                      {!device.is_current && (
                        <AskFirst
                          look="quiet"
                          label={t("device.sign_out")}
                          name={t("device.sign_out_named", { name })}
                          text={t("device.sign_out_text")}
                          onYes={() => signOut([device], t("device.signed_out", { name }))}
                        />
                      )}
                    </FactRow>
                  );
                })}
              </ul>
              <div class="form-foot">
                {others.length > 0 && (
                  <AskFirst
                    label={t("device.others")}
                    text={t("device.others_text", { n: others.length })}
                    onYes={() => signOut(others, t("device.others_out"))}
                  />
                )}
                <AskFirst
                  look="quiet"
                  label={t("device.everywhere")}
                  text={t("device.everywhere_text")}
                  onYes={() => attempt(signOutEverywhere)}
                />
              </div>
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}
