import { api } from "../api/client";
import { sayProblem } from "../api/problem";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { signOutEverywhere } from "../api/session";
import { now } from "../lib/now";
import { sayMoment } from "../lib/time";
import { Button } from "../ui/Button";
import { Loaded } from "../ui/EmptyState";
import { say } from "../ui/Toast";
import { deviceOf } from "./device";
import { word } from "./words";

type Device = components["schemas"]["DeviceRead"];

function nameOf(device: Device): string {
  const { browser, system } = deviceOf(device.user_agent);
  if (browser && system) return word("device.on", { browser, system });
  return browser ?? system ?? word("device.unknown");
}

/** Where one is signed in; each can be signed out, at once. */
export function Devices() {
  const devices = useResource("devices", async () => (await api.get("/api/v1/me/devices")).items);

  async function signOut(some: Device[], said: string) {
    try {
      for (const device of some)
        await api.delete("/api/v1/me/devices/{device_id}", { path: { device_id: device.id } });
      say(said);
    } catch (error) {
      say(sayProblem(error), { isProblem: true });
    }
    await devices.reload();
  }

  async function leaveEverywhere() {
    try {
      await signOutEverywhere();
    } catch (error) {
      say(sayProblem(error), { isProblem: true });
    }
  }

  return (
    <section class="section">
      <h2>{word("device.title")}</h2>
      <p class="soft">{word("device.text")}</p>
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
                      {device.is_current && <b class="soft small"> · {word("device.here")}</b>}
                      <br />
                      <span class="soft small">
                        {device.address} ·{" "}
                        {word("device.used", { when: sayMoment(device.last_used_at, now.value) })}
                      </span>
                    </span>
                    {!device.is_current && (
                      <Button
                        look="quiet"
                        aria-label={word("device.sign_out_named", { name: nameOf(device) })}
                        onClick={() =>
                          void signOut([device], word("device.signed_out", { name: nameOf(device) }))
                        }
                      >
                        {word("device.sign_out")}
                      </Button>
                    )}
                  </li>
                ))}
              </ul>
              <div class="form-foot">
                {others.length > 0 && (
                  <Button onClick={() => void signOut(others, word("device.others_out"))}>
                    {word("device.others")}
                  </Button>
                )}
                <Button look="quiet" onClick={() => void leaveEverywhere()}>
                  {word("device.everywhere")}
                </Button>
              </div>
            </>
          );
        }}
      </Loaded>
    </section>
  );
}
