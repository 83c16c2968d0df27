import { computed, signal } from "@preact/signals";
import { go } from "../lib/router";
import { store } from "../lib/storage";
import { setZone } from "../lib/time";
import { api, problemFrom, send, setTokenStore } from "./client";
import { onEvents } from "./events";
import { cacheAnswer, cachedAnswer, clearOfflineCache, isAway } from "./offlineCache";
import { oneTabAtATime, singleFlight } from "./once";
import { keepOpening, takeOpening } from "./opening";
import { isForeign, Problem } from "./problem";
import type { components } from "./schema";

export type Me = components["schemas"]["MeRead"];

/** What decides whether a page can be shown at all. */
export type SessionState = "unknown" | "setup" | "signed-out" | "signed-in" | "unreachable";

export const sessionState = signal<SessionState>("unknown");
export const me = signal<Me | null>(null);
/** Why somebody who was at work here has to sign in again. */
export const endedBy = signal<unknown>(null);
export const isAdmin = computed(() => me.value?.role === "admin");
export const isPlanner = computed(() => me.value?.role === "admin" || me.value?.role === "planner");

/** In memory only: a script that reads the storage finds nothing. */
let accessToken: string | null = null;

const WEB = { "X-Daka-Client": "web" };
const tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("daka.session");

async function ask(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { method: "POST", ...init, headers: { ...init.headers, ...WEB } });
  } catch {
    throw new Problem(0);
  }
  if (response.ok) return response;
  throw await problemFrom(response);
}

const JSON_TYPE = { "Content-Type": "application/json" };

async function keepTokenOf(response: Response) {
  const answer = (await response.json()) as components["schemas"]["RefreshResponse"];
  accessToken = answer.access_token;
  keepOpening(answer);
}

declare global {
  interface Window {
    /** The answer that public/theme.js asked for as the page began; undefined: there was none. */
    dakaRenewal?: Promise<Response | undefined>;
  }
}

async function renewal(): Promise<Response> {
  const early = await window.dakaRenewal;
  window.dakaRenewal = undefined;
  if (early?.ok) return early;
  return ask("/api/v1/auth/refresh", { headers: JSON_TYPE, body: "{}" });
}

/** Not a limit of requests or a proxy's own answer: they say nothing about who one is. */
const isRefused = (error: unknown) =>
  error instanceof Problem && (error.status === 401 || error.status === 403) && !isForeign(error);

/**
 * The cookie is the whole browser's: another tab may have signed in as somebody else. What this page shows and has not sent yet is
 * not theirs, so it begins again.
 */
function isMine() {
  if (!me.peek() || JSON.parse(atob(accessToken?.split(".")[1] ?? "")).sub === `${me.peek()?.id}`)
    return true;
  accessToken = null;
  location.reload();
  return false;
}

/** A new access token for the cookie; false when the cookie is gone or no longer good. */
export const renew = singleFlight(() =>
  oneTabAtATime("daka.refresh", async () => {
    try {
      await keepTokenOf(await renewal());
      return isMine();
    } catch (error) {
      if (isRefused(error)) {
        endedBy.value = me.peek() && error;
        leave();
        return false;
      }
      throw error;
    }
  }),
);

setTokenStore({ token: () => accessToken, renew });

export function currentToken(): string | null {
  return accessToken;
}

/** Whether this browser was signed in before. Only a hint, so that a first visit does not ask for what cannot be there. */
const HINT = "daka.signed_in";

function mayBeSignedIn(): boolean {
  try {
    return localStorage.getItem(HINT) === "1";
  } catch {
    return true; // without storage the server is asked anyway
  }
}

const hint = (isSignedIn: boolean) => store(HINT, isSignedIn ? "1" : null);

async function enter() {
  const known = takeOpening<Me>("/api/v1/me");
  if (known) become(known);
  else await reloadMe();
  hint(true);
  endedBy.value = null;
  sessionState.value = "signed-in";
}

/** Without the server: signed in as the last person, from the offline cache. The server's next answer decides. */
function enterFromMemory(): boolean {
  const known = mayBeSignedIn() ? cachedAnswer<Me>("me") : null;
  if (!known) return false;
  setZone(known.value.timezone);
  me.value = known.value;
  sessionState.value = "signed-in";
  const stop = onEvents([], () => {
    stop();
    void reloadMe();
  });
  return true;
}

function leave() {
  accessToken = null;
  clearOfflineCache();
  me.value = null;
  hint(false);
  sessionState.value = "signed-out";
}

/** After an external login the address has `signed_in`; it is noted and removed. */
function noteExternalLogin() {
  const url = new URL(location.href);
  if (!url.searchParams.has("signed_in")) return;
  url.searchParams.delete("signed_in");
  hint(true);
  go(url.pathname + url.search, { replace: true });
}

/** On page load: is this browser signed in, is there a server, does it have users? In this order: most come back. */
export async function resumeSession() {
  noteExternalLogin();
  try {
    if (mayBeSignedIn() && (await renew())) return await enter();
    const setup = await api.get("/api/v1/setup");
    if (setup.needed) sessionState.value = "setup";
    else leave();
  } catch (error) {
    if (isRefused(error)) leave();
    else if (!isAway(error) || !enterFromMemory()) sessionState.value = "unreachable";
  }
}

export async function signIn(username: string, password: string) {
  const form = new URLSearchParams({ grant_type: "password", username, password });
  await keepTokenOf(await ask("/api/v1/auth/token", { body: form }));
  await enter();
}

/** The second step of signing in: a code of the authenticator app, or a recovery code. */
export async function finishSignIn(second_factor_token: string, code: string) {
  const body = JSON.stringify({ second_factor_token, code });
  await keepTokenOf(await ask("/api/v1/auth/second-factor", { headers: JSON_TYPE, body }));
  await enter();
}

/** Every other session ends; this one goes on with new tokens. */
export async function changePassword(current_password: string, new_password: string) {
  const body = JSON.stringify({ current_password, new_password });
  await keepTokenOf(
    await send("/api/v1/me/password", { method: "POST", headers: { ...JSON_TYPE, ...WEB }, body }),
  );
}

/** Ends every session of this person, this one too. */
export async function signOutEverywhere() {
  await api.delete("/api/v1/me/devices");
  tabs?.postMessage("signed-out");
  leave();
}

export async function createFirstAdmin(person: components["schemas"]["SetupRequest"]) {
  await keepTokenOf(await ask("/api/v1/setup", { headers: JSON_TYPE, body: JSON.stringify(person) }));
  await enter();
}

export async function signOut() {
  await ask("/api/v1/auth/logout", { headers: JSON_TYPE, body: "{}" }).catch(() => undefined);
  tabs?.postMessage("signed-out");
  leave();
}

/** After a change to oneself. */
export async function reloadMe() {
  become(await api.get("/api/v1/me"));
}

function become(person: Me) {
  setZone(person.timezone);
  if (cachedAnswer<Me>("me")?.value.id !== person.id) clearOfflineCache();
  cacheAnswer("me", person);
  me.value = person;
}

tabs?.addEventListener("message", (message) => {
  if (message.data === "signed-out" && sessionState.peek() === "signed-in") leave();
});
