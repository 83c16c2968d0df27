import { api } from "../api/client";
import { Problem } from "../api/problem";
import { me } from "../api/session";
import { PUSH_HERE, store, stored } from "../lib/storage";

/** Whether reminders can ring on this device, and if not, why. */
export type PushState = "on" | "off" | "lost" | "denied" | "insecure" | "install_first" | "unsupported";

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

/** What the server knows of the channel that this device made: whose it is, and whether messages still arrive. */
export type Known = "mine" | "lost" | "switched_off" | "none";

export function pushStateOf(browser: Browser, known: Known = "mine"): PushState {
  if (!browser.isSecure) return "insecure";
  if (!browser.hasPush) return browser.isIos ? "install_first" : "unsupported";
  if (browser.permission === "denied") return "denied";
  if (!browser.isSubscribed || browser.permission !== "granted") return "off";
  return known === "mine" ? "on" : known === "lost" ? "lost" : "off";
}

export async function pushState(): Promise<PushState> {
  const hasPush = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  const isIos = /iP(hone|ad|od)/.test(navigator.userAgent) || isIpadAsMac();
  const isSubscribed = hasPush && kept() !== null && (await subscription()) !== null;
  const permission = hasPush ? Notification.permission : "default";
  const known = isSubscribed ? await channelKnown() : "none";
  return pushStateOf({ isSecure: isSecureContext, hasPush, isIos, permission, isSubscribed }, known);
}

/** Somebody else may have turned push on at this device before, who signed out: their channel is not touched. */
async function channelKnown(): Promise<Known> {
  const former = kept();
  if (!former) return "none";
  const path = { channel_id: former.channelId };
  try {
    const channel = await api.get("/api/v1/channels/{channel_id}", { path });
    if (channel.user_id !== me.value?.id) return "none";
    if (!channel.is_enabled) return "switched_off";
    return channel.status === "broken" ? "lost" : "mine";
  } catch (problem) {
    if (problem instanceof Problem && (problem.status === 404 || problem.status === 403)) return "none";
    return "mine"; // no network: what was known last
  }
}

const isIpadAsMac = () => navigator.userAgent.includes("Macintosh") && navigator.maxTouchPoints > 1;

/** Subscribes this browser and makes a channel of it. Must follow a tap. Rejects if the browser or its service refuses. */
export async function turnPushOn(name: string) {
  if ((await Notification.requestPermission()) !== "granted") return;
  const made = await subscribed();
  const config = { subscription: JSON.stringify(made) };
  const former = kept();
  const isMine = (await channelKnown()) !== "none";
  if (former && isMine && (await changed(former.channelId, config)))
    keep({ ...former, endpoint: made.endpoint });
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
  const isMine = (await channelKnown()) !== "none";
  store(PUSH_HERE, null);
  if (!former || !isMine) return;
  await api
    .delete("/api/v1/channels/{channel_id}", { path: { channel_id: former.channelId } })
    .catch(unlessGone);
}

/** Browsers and their services end or replace a subscription silently: at each start the channel gets one that works. */
export async function renewPush() {
  const former = kept();
  if (!former || !("PushManager" in window) || Notification.permission !== "granted") return;
  const present = await subscription();
  const known = await channelKnown();
  if (known === "none" || known === "switched_off") return;
  if (known === "mine" && present?.endpoint === former.endpoint) return;
  const made = known === "mine" && present ? present : await subscribed();
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
    body: { config, is_enabled: true },
  });
  return asked.then(() => true).catch((problem) => unlessGone(problem) ?? false);
}

function unlessGone(problem: unknown) {
  if (!(problem instanceof Problem) || problem.status !== 404) throw problem;
}

const keep = (value: Kept | null) => store(PUSH_HERE, value && JSON.stringify(value));

function kept(): Kept | null {
  try {
    const found = JSON.parse(stored(PUSH_HERE) ?? "null");
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
