import { api } from "../api/client";
import { Problem } from "../api/problem";
import { store, stored } from "../lib/storage";

/** Whether reminders can ring on this device, and if not, why. */
export type PushState = "on" | "off" | "denied" | "insecure" | "install_first" | "unsupported";

const KEPT = "daka.push";

interface Kept {
  channelId: number;
  endpoint: string;
}

export interface Browser {
  isSecure: boolean;
  hasPush: boolean;
  /** iPhone or iPad, where only an app on the home screen gets push messages. */
  isIos: boolean;
  permission: NotificationPermission;
  isSubscribed: boolean;
}

export function pushStateOf(browser: Browser): PushState {
  if (!browser.isSecure) return "insecure";
  if (!browser.hasPush) return browser.isIos ? "install_first" : "unsupported";
  if (browser.permission === "denied") return "denied";
  return browser.isSubscribed && browser.permission === "granted" ? "on" : "off";
}

export async function pushState(): Promise<PushState> {
  const hasPush = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  const isIos = /iP(hone|ad|od)/.test(navigator.userAgent) || isIpadAsMac();
  const isSubscribed = hasPush && kept() !== null && (await subscription()) !== null;
  const permission = hasPush ? Notification.permission : "default";
  return pushStateOf({ isSecure: isSecureContext, hasPush, isIos, permission, isSubscribed });
}

const isIpadAsMac = () => navigator.userAgent.includes("Macintosh") && navigator.maxTouchPoints > 1;

/** Subscribes this browser and makes a channel of it. Must follow a tap. Rejects if the browser or its service refuses. */
export async function turnPushOn(name: string) {
  if ((await Notification.requestPermission()) !== "granted") return;
  const made = await subscribed();
  const config = { subscription: JSON.stringify(made) };
  const former = kept();
  if (former && (await changed(former.channelId, config))) keep({ ...former, endpoint: made.endpoint });
  else {
    const channel = await api.post("/api/v1/channels", {
      body: { name, kind: "web_push", config, is_enabled: true },
    });
    keep({ channelId: channel.id, endpoint: made.endpoint });
  }
}

export async function turnPushOff() {
  await (await subscription())?.unsubscribe();
  const former = kept();
  store(KEPT, null);
  if (!former) return;
  await api
    .delete("/api/v1/channels/{channel_id}", { path: { channel_id: former.channelId } })
    .catch(unlessGone);
}

/** Browsers end or replace a subscription silently: at each start the channel gets the present one. */
export async function renewPush() {
  const former = kept();
  if (!former || !("PushManager" in window) || Notification.permission !== "granted") return;
  const present = await subscription();
  if (present?.endpoint === former.endpoint) return;
  const made = present ?? (await subscribed());
  const isKnown = await changed(former.channelId, { subscription: JSON.stringify(made) });
  keep(isKnown ? { ...former, endpoint: made.endpoint } : null);
}

async function subscribed(): Promise<PushSubscription> {
  const { public_key } = await api.get("/api/v1/channels/web-push-key");
  const { pushManager } = await navigator.serviceWorker.ready;
  // One that was made for another key of the server cannot be used any more.
  await (await pushManager.getSubscription())?.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: public_key });
}

const subscription = async () => (await navigator.serviceWorker.ready).pushManager.getSubscription();

/** False if the channel does not exist any more. */
async function changed(channelId: number, config: { subscription: string }): Promise<boolean> {
  const asked = api.patch("/api/v1/channels/{channel_id}", {
    path: { channel_id: channelId },
    body: { config },
  });
  return asked.then(() => true).catch((problem) => unlessGone(problem) ?? false);
}

function unlessGone(problem: unknown) {
  if (!(problem instanceof Problem) || problem.status !== 404) throw problem;
}

const keep = (value: Kept | null) => store(KEPT, value && JSON.stringify(value));

function kept(): Kept | null {
  try {
    const found = JSON.parse(stored(KEPT) ?? "null");
    return typeof found?.channelId === "number" ? found : null;
  } catch {
    return null;
  }
}

/** What this device is called in the list of channels: `iPhone`, `Edge · Windows`. */
export function deviceName(userAgent: string): string {
  const first = (names: string[]) => names.find((name) => userAgent.includes(name));
  const alone = first(["iPhone", "iPad"]);
  if (alone) return alone;
  const names: Record<string, string> = { Edg: "Edge", Macintosh: "Mac" };
  const parts = [
    first(["Edg", "Firefox", "Chrome", "Safari"]),
    first(["Android", "Windows", "Macintosh", "Linux"]),
  ];
  return parts.flatMap((part) => (part ? [names[part] ?? part] : [])).join(" · ") || "Web";
}
