import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type EventName, onEvents } from "./events";

interface State<T> {
  value: T | null;
  error: unknown;
  /** No answer yet. (An answer may be null.) */
  isLoading: boolean;
}

export interface Resource<T> extends State<T> {
  reload: () => Promise<void>;
  /** For optimistic changes: shows `next` until the next answer. */
  set: (next: T) => void;
}

const SETTLE_MS = 150;
/** For what hardly ever changes with its events, as the words of a team's files with each edit of its roster. */
export const QUIET_MS = 2500;

/**
 * What a page shows, loaded again when `key` changes and when one of the events `on` comes in.
 * The old value stays while it reloads, so that the page does not flicker. Of the first key the value may be `known` already.
 * Events that come closer together than `settleMs` load once.
 */
export function useResource<T>(
  key: string,
  load: () => Promise<T>,
  on: readonly EventName[] = [],
  known: () => T | null = () => null,
  settleMs = SETTLE_MS,
): Resource<T> {
  const [state, setState] = useState<State<T>>(() => {
    const value = known();
    return { value, error: null, isLoading: value === null };
  });
  const loader = useRef(load);
  loader.current = load;
  const turn = useRef(0);
  /** Answers up to this request are out of date. */
  const past = useRef(0);

  // Not only the newest request's answer: with events arriving faster than answers, none would ever be shown.
  const isNews = useCallback((mine: number) => {
    if (mine <= past.current) return false;
    past.current = mine;
    return true;
  }, []);

  const reload = useCallback(async () => {
    const mine = ++turn.current;
    try {
      const value = await loader.current();
      if (isNews(mine))
        setState((before) =>
          before.value === value && before.error === null && !before.isLoading
            ? before
            : { value, error: null, isLoading: false },
        );
    } catch (error) {
      if (isNews(mine)) setState((before) => ({ value: before.value, error, isLoading: false }));
    }
  }, [isNews]);

  const set = useCallback((value: T) => {
    past.current = turn.current;
    setState({ value, error: null, isLoading: false });
  }, []);

  const isKnown = useRef(!state.isLoading);
  useEffect(() => {
    if (isKnown.current) isKnown.current = false;
    else void reload();
    return () => {
      past.current = turn.current;
    };
  }, [key, reload]);

  const names = on.join(" ");
  useEffect(() => {
    if (on.length === 0) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onEvents(on, () => {
      clearTimeout(timer);
      timer = setTimeout(() => void reload(), settleMs);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [names, reload, settleMs]);

  return { ...state, reload, set };
}
