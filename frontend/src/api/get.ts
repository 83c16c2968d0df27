import { useRef } from "preact/hooks";
import { type Answer, api, apiAddress, type Operation, type PathsWith, type Request } from "./client";
import type { EventName } from "./events";
import { takeOpening } from "./opening";
import { type Resource, useResource } from "./resource";

type Get<P extends PathsWith<"get">> = Operation<P, "get">;
type Items<A> = A extends { items: infer T } ? T : never;

const ask = api.get as (path: string, request: unknown) => Promise<unknown>;
const keyOf = (path: string, request: unknown) => `${path} ${JSON.stringify(request)}`;

/** Loads an answer; one that says the same as the last is the last, so that nothing is rendered for it. */
export function useUnchanged<T>(load: () => Promise<T>): () => Promise<T | null> {
  const last = useRef<T | null>(null);
  return async () => {
    const answer = await load();
    if (JSON.stringify(answer) !== JSON.stringify(last.current)) last.current = answer;
    return last.current;
  };
}

/** What a GET request answers, asked again when the request changes or an event comes in. Null asks nothing: the value is null. */
export function useGet<P extends PathsWith<"get">>(
  path: P,
  request: Request<Get<P>> | null,
  on?: readonly EventName[],
  settleMs?: number,
): Resource<Answer<Get<P>>> {
  return useResource(
    keyOf(path, request),
    useUnchanged(async () => (request ? ask(path, request) : null)),
    on,
    undefined,
    settleMs,
  ) as Resource<Answer<Get<P>>>;
}

/** The items of such an answer; none without a request. */
export function useList<P extends PathsWith<"get">>(
  path: P,
  request: Request<Get<P>> | null = {} as Request<Get<P>>,
  on?: readonly EventName[],
  settleMs?: number,
): Resource<Items<Answer<Get<P>>>> {
  return useResource(
    keyOf(path, request),
    useUnchanged(async () => (request ? ((await ask(path, request)) as { items: unknown }).items : [])),
    on,
    () =>
      (request &&
        takeOpening<{ items: unknown }>(apiAddress(path, request.query as object | undefined))?.items) ??
      null,
    settleMs,
  ) as Resource<Items<Answer<Get<P>>>>;
}
