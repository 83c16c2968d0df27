import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Me, me } from "../api/session";
import {
  type Browser,
  deviceName,
  type Known,
  pushState,
  pushStateOf,
  renewPush,
  turnPushOff,
  turnPushOn,
} from "./push";

const GOOD: Browser = {
  isSecure: true,
  hasPush: true,
  isIos: false,
  permission: "granted",
  isSubscribed: true,
};

describe("whether this device can ring", () => {
  test.each<[Partial<Browser>, string]>([
    [{}, "on"],
    [{ isSubscribed: false }, "off"],
    [{ permission: "default" }, "off"],
    [{ permission: "denied" }, "denied"],
    [{ isSecure: false }, "insecure"],
    [{ isSecure: false, hasPush: false, isIos: true }, "insecure"],
    [{ hasPush: false }, "unsupported"],
    [{ hasPush: false, isIos: true }, "install_first"],
    [{ isIos: true, isSubscribed: false }, "off"],
  ])("%j → %s", (differs, state) => {
    expect(pushStateOf({ ...GOOD, ...differs })).toBe(state);
  });
});

describe("what the server knows of this device’s channel", () => {
  test.each<[Known, string]>([
    ["mine", "on"],
    ["lost", "lost"],
    ["switched_off", "off"],
    ["none", "off"],
  ])("%s → %s", (known, state) => expect(pushStateOf(GOOD, known)).toBe(state));
});

describe("on a device where somebody turned push on before", () => {
  const MINE = { id: 7, user_id: 1, status: "ok", is_enabled: true };
  const unsubscribe = vi.fn(async () => true);
  const fetched = vi.fn<(path: string, init?: RequestInit) => Promise<Response>>();

  function at(channel: object | null) {
    const endpoint = "https://push.example/old";
    const subscription = { endpoint, unsubscribe, toJSON: () => ({ endpoint }) };
    const fresh = { ...subscription, endpoint: "https://push.example/new" };
    const pushManager = { getSubscription: async () => subscription, subscribe: async () => fresh };
    vi.stubGlobal("PushManager", class {});
    const granted = { permission: "granted", requestPermission: async () => "granted" };
    vi.stubGlobal("Notification", granted);
    Object.defineProperty(navigator, "serviceWorker", {
      value: { ready: Promise.resolve({ pushManager }) },
      configurable: true,
    });
    vi.stubGlobal("isSecureContext", true);
    localStorage.setItem("daka.push", JSON.stringify({ channelId: 7, endpoint }));
    me.value = { id: 1 } as Me;
    fetched.mockImplementation(async (path, init) => {
      const isOne = /channels\/\d+$/.test(String(path));
      if (isOne && !channel) return new Response(JSON.stringify({ code: "gone" }), { status: 404 });
      if (init?.method === "DELETE") return new Response(null, { status: 204 });
      if (String(path).endsWith("web-push-key")) return Response.json({ public_key: "key" });
      return Response.json(init?.method === "POST" ? { id: 8 } : channel);
    });
    vi.stubGlobal("fetch", fetched);
  }
  const asked = () => fetched.mock.calls.map(([path, init]) => `${init?.method ?? "GET"} ${path}`);

  beforeEach(() => {
    fetched.mockReset();
    unsubscribe.mockClear();
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    localStorage.clear();
    me.value = null;
  });

  test.each<[string, object | null, string]>([
    ["one’s own", MINE, "on"],
    ["one that the service no longer knows", { ...MINE, status: "broken" }, "lost"],
    ["one that was switched off", { ...MINE, is_enabled: false }, "off"],
    ["somebody else’s, whom an administrator sees", { ...MINE, user_id: 2 }, "off"],
    ["one that does not exist, or is not visible", null, "off"],
  ])("%s", async (_, channel, state) => {
    at(channel);
    expect(await pushState()).toBe(state);
  });

  test("never writes into the channel of another person, but makes one of its own", async () => {
    at({ ...MINE, user_id: 2 });
    await renewPush();
    expect(asked()).toEqual(["GET /api/v1/channels/7"]);
    await turnPushOn("Phone");
    expect(unsubscribe).toHaveBeenCalled(); // the other person’s reminders no longer ring here
    expect(asked()).toContain("POST /api/v1/channels");
    expect(asked().filter((each) => each.startsWith("PATCH"))).toEqual([]);
    expect(JSON.parse(localStorage.getItem("daka.push") ?? "").channelId).toBe(8);
  });

  test("leaves the channel of another person when push is turned off here", async () => {
    at({ ...MINE, user_id: 2 });
    await turnPushOff();
    expect(unsubscribe).toHaveBeenCalled();
    expect(asked()).toEqual(["GET /api/v1/channels/7"]);
  });

  test("gets a new subscription at the start if the service no longer knows the present one", async () => {
    at({ ...MINE, status: "broken" });
    await renewPush();
    expect(asked()).toContain("PATCH /api/v1/channels/7");
    expect(JSON.parse(localStorage.getItem("daka.push") ?? "").endpoint).toBe("https://push.example/new");
  });

  test("changes nothing at the start where all is well or push was switched off", async () => {
    for (const channel of [MINE, { ...MINE, is_enabled: false }]) {
      at(channel);
      await renewPush();
    }
    expect(asked().every((each) => each.startsWith("GET"))).toBe(true);
  });
});

test.each([
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604",
    "iPhone",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537 Chrome/130.0 Safari/537 Edg/130.0",
    "Edge · Windows",
  ],
  ["Mozilla/5.0 (Windows NT 10.0; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox · Windows"],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/18.0 Safari/605", "Safari · Mac"],
  ["Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 Chrome/130.0 Mobile Safari/537", "Chrome · Android"],
  ["curl", "Web"],
])("%s is %s", (userAgent, name) => expect(deviceName(userAgent)).toBe(name));
