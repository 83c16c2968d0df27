import { setServerTime } from "../lib/now";
import { errorWordsReady, Problem } from "./problem";
import type { paths } from "./schema";

type Verb = "get" | "post" | "put" | "patch" | "delete";

export type PathsWith<V extends Verb> = {
  [P in keyof paths]: paths[P] extends { [K in V]: object } ? P : never;
}[keyof paths];

export type Operation<P extends keyof paths, V extends Verb> = paths[P] extends { [K in V]: infer O }
  ? O
  : never;

type PathParams<O> = O extends { parameters: { path: infer T } } ? { path: T } : { path?: undefined };
type QueryParams<O> = O extends { parameters: { query?: infer T } } ? { query?: T } : { query?: undefined };
type JsonOf<C> = C extends { "application/json": infer T } ? T : never;
type Body<O> = O extends { requestBody: { content: infer C } }
  ? { body: JsonOf<C> }
  : O extends { requestBody?: { content: infer C } }
    ? { body?: JsonOf<C> }
    : { body?: undefined };

export type Request<O> = PathParams<O> & QueryParams<O> & Body<O> & { signal?: AbortSignal };
type Arguments<R> = Record<string, never> extends R ? [request?: R] : [request: R];

type Success<O> = O extends { responses: infer R }
  ? { [S in keyof R]: S extends 200 | 201 | 202 ? R[S] : never }[keyof R]
  : never;
export type Answer<O> = Success<O> extends { content: infer C } ? JsonOf<C> : undefined;

/** What the client needs of the session; an interface, so that neither imports the other. */
export interface TokenStore {
  token(): string | null;
  /** Gets a new access token; false if nobody is signed in. */
  renew(): Promise<boolean>;
}

let tokenStore: TokenStore = { token: () => null, renew: async () => false };

export function setTokenStore(next: TokenStore) {
  tokenStore = next;
}

/**
 * Asks for the password and repeats a request with it until that succeeds; rejects with the refusal if nobody gives one.
 * `exchange` asks for it when the server requires it.
 */
export type PasswordPrompt = (
  repeat: (password: string) => Promise<unknown>,
  refusal: Problem,
) => Promise<unknown>;

let promptForPassword: PasswordPrompt = (_, refusal) => Promise.reject(refusal);

export function setPasswordPrompt(next: PasswordPrompt) {
  promptForPassword = next;
}

let agreesToLock: (refusal: Problem) => Promise<boolean> = async () => false;

/** `ask` asks whether to write over cells that follow an attendance system; `send` repeats the request if so. */
export function setLockPrompt(ask: typeof agreesToLock) {
  agreesToLock = ask;
}

/** A path of the API with its parameters filled in; an empty one is left out of the query. */
export function apiAddress(path: string, query: object = {}, params: Record<string, unknown> = {}) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === "") continue;
    for (const each of Array.isArray(value) ? value : [value]) search.append(name, String(each));
  }
  return filled + (search.size > 0 ? `?${search}` : "");
}

export async function problemFrom(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => null)) as Record<string, unknown> | null;
  const retryAfter = Number(response.headers.get("Retry-After"));
  await errorWordsReady();
  return new Problem(response.status, body ?? {}, retryAfter > 0 ? retryAfter : null);
}

/**
 * One request with the access token; on 401 the token is renewed once and the request repeated, and once more if somebody agrees to
 * write over cells from an attendance system.
 */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let address = path;
  for (let attempt = 0; ; attempt++) {
    const headers = new Headers(init.headers);
    const token = tokenStore.token();
    if (token) headers.set("Authorization", `Bearer ${token}`);
    const since = Date.now();
    let response: Response;
    try {
      response = await fetch(address, { ...init, headers });
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new Problem(0);
    }
    if (response.ok) {
      setServerTime(response.headers.get("Date"), since);
      return response;
    }
    if (response.status === 401 && attempt === 0 && (await tokenStore.renew())) continue;
    const problem = await problemFrom(response);
    if (problem.code !== "cells_imported" || !(await agreesToLock(problem))) throw problem;
    address += `${address.includes("?") ? "&" : "?"}over_imported=true`;
  }
}

interface LooseRequest {
  path?: unknown;
  query?: unknown;
  body?: unknown;
  signal?: AbortSignal;
}

async function exchange(verb: Verb, path: string, request: LooseRequest = {}): Promise<unknown> {
  const init: RequestInit = { method: verb.toUpperCase() };
  if (request.signal) init.signal = request.signal;
  if (request.body instanceof FormData) init.body = request.body;
  else if (request.body !== undefined) {
    init.body = JSON.stringify(request.body);
    init.headers = { "Content-Type": "application/json" };
  }
  let response: Response;
  try {
    response = await send(
      apiAddress(path, request.query as object, request.path as Record<string, unknown>),
      init,
    );
  } catch (error) {
    if (!(error instanceof Problem && error.code === "password_needed")) throw error;
    const withPassword = (current_password: string) =>
      exchange(verb, path, { ...request, body: { ...(request.body as object), current_password } });
    return promptForPassword(withPassword, error);
  }
  if (response.status === 204) return undefined;
  return response.json();
}

type Call<V extends Verb> = <P extends PathsWith<V>>(
  path: P,
  ...request: Arguments<Request<Operation<P, V>>>
) => Promise<Answer<Operation<P, V>>>;

function call<V extends Verb>(verb: V): Call<V> {
  return ((path: string, request?: LooseRequest) => exchange(verb, path, request)) as Call<V>;
}

/** The whole API, typed by the server's own description. */
export const api = {
  get: call("get"),
  post: call("post"),
  put: call("put"),
  patch: call("patch"),
  delete: call("delete"),
};
