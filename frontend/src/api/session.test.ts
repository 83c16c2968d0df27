import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { now, setServerTime } from "../lib/now";
import { api } from "./client";
import { Problem } from "./problem";
import { currentToken, endedBy, me, renew, resumeSession, sessionState, signIn } from "./session";

type Reply = { status: number; body: unknown };

/** A server that knows which access token is good, and counts. */
function pretendServer(reply: (path: string, token: string | null) => Reply) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    const token = new Headers(init.headers).get("Authorization")?.replace("Bearer ", "") ?? null;
    asked.push(path);
    await new Promise((wake) => setTimeout(wake, 5));
    const { status, body } = reply(path, token);
    return new Response(JSON.stringify(body), { status });
  });
  return asked;
}

const ME = { id: 1, username: "bob", display_name: "Bob", role: "member", team_id: null };

beforeEach(() => {
  sessionState.value = "unknown";
});
afterEach(() => vi.unstubAllGlobals());

test("five requests with an old token renew it once, and all get their answer", async () => {
  let good = "none";
  let renewals = 0;
  const asked = pretendServer((path, token) => {
    if (path === "/api/v1/auth/refresh") {
      renewals++;
      good = `token-${renewals}`;
      return { status: 200, body: { access_token: good } };
    }
    return token === good ? { status: 200, body: ME } : { status: 401, body: { code: "not_signed_in" } };
  });
  const answers = await Promise.all(Array.from({ length: 5 }, () => api.get("/api/v1/me")));
  expect(renewals).toBe(1);
  expect(answers.map((each) => each.username)).toEqual(Array(5).fill("bob"));
  expect(asked.filter((path) => path === "/api/v1/me")).toHaveLength(10);
});

test("a cookie that is no longer good signs out, and the request fails with the server's code", async () => {
  pretendServer(() => ({ status: 401, body: { code: "not_signed_in" } }));
  sessionState.value = "signed-in";
  me.value = ME as unknown as NonNullable<typeof me.value>;
  await expect(api.get("/api/v1/me")).rejects.toMatchObject({ status: 401, code: "not_signed_in" });
  expect(sessionState.value).toBe("signed-out");
  expect(endedBy.value).toMatchObject({ code: "not_signed_in" });
  expect(currentToken()).toBeNull();
});

test.each([
  [1, true],
  [7, false],
])("with the cookie of person 7, the page of person %i begins again: %s", async (id, reloads) => {
  const reload = vi.fn();
  vi.stubGlobal("location", { reload });
  me.value = { ...ME, id } as unknown as NonNullable<typeof me.value>;
  const ofBrowser = `e30.${btoa(JSON.stringify({ sub: "7" }))}.x`;
  const asked: (string | null)[] = [];
  pretendServer((path, token) => {
    if (path === "/api/v1/auth/refresh") return { status: 200, body: { access_token: ofBrowser } };
    asked.push(token);
    return token === ofBrowser ? { status: 200, body: ME } : { status: 401, body: { code: "not_signed_in" } };
  });
  const answers = await Promise.allSettled([api.get("/api/v1/shifts"), api.get("/api/v1/teams")]);
  expect(answers.map((each) => each.status)).toEqual(Array(2).fill(reloads ? "rejected" : "fulfilled"));
  expect(asked.includes(ofBrowser)).toBe(!reloads);
  expect(reload).toHaveBeenCalledTimes(Number(reloads));
  me.value = null;
});

test.each([
  ["2026-03-04T16:00:00.000Z", 200],
  ["2026-03-01T16:00:00.000Z", 404], // who knows whose answer that is
])("a device that is three days late shows %s after the server's answer %i", async (shown, status) => {
  vi.useFakeTimers({ now: Date.parse("2026-03-01T16:00:00Z"), toFake: ["Date"] });
  setServerTime(new Date().toISOString());
  const headers = { Date: "Wed, 04 Mar 2026 16:00:00 GMT" };
  vi.stubGlobal("fetch", async () => new Response("{}", { status, headers }));
  await api.get("/api/v1/shifts").catch(() => undefined);
  expect(new Date(now.value).toISOString()).toBe(shown);
  vi.useRealTimers();
  setServerTime(new Date().toISOString());
});

test("no network is not a sign-out", async () => {
  sessionState.value = "signed-in";
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("network");
  });
  await expect(renew()).rejects.toBeInstanceOf(Problem);
  expect(sessionState.value).toBe("signed-in");
});

test.each([
  [401, { code: "not_signed_in" }, "signed-out"],
  [403, { code: "forbidden" }, "signed-out"],
  [401, {}, "unreachable"], // a proxy's own answer
  [403, {}, "unreachable"],
  [404, { code: "not_found" }, "unreachable"],
  [429, {}, "unreachable"],
  [502, {}, "unreachable"],
])("an answer of %i %j when the page loads leaves one %s", async (status, body, state) => {
  localStorage.setItem("daka.signed_in", "1");
  pretendServer(() => ({ status, body }));
  await resumeSession();
  expect(sessionState.value).toBe(state);
  expect(localStorage.getItem("daka.signed_in")).toBe(state === "unreachable" ? "1" : null);
});

test("signing in marks itself as a browser, so that the refresh token stays in the cookie", async () => {
  const seen: Headers[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    if (path === "/api/v1/auth/token") seen.push(new Headers(init.headers));
    return new Response(JSON.stringify(path === "/api/v1/me" ? ME : { access_token: "abc" }));
  });
  await signIn("bob", "a long password");
  expect(seen[0]?.get("X-Daka-Client")).toBe("web");
  expect(currentToken()).toBe("abc");
  expect(sessionState.value).toBe("signed-in");
});
