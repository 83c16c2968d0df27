import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type EventName, onEvents } from "./events";

export interface Resource<T> {
  value: T | null;
  error: unknown;
  /** Nothing to show yet. */
  isLoading: boolean;
  reload: () => Promise<void>;
  /** For optimistic changes: shows `next` until the next answer. */
  set: (next: T) => void;
}

const SETTLE_MS = 150;

/**
 * What a page shows, loaded again when `key` changes and when one of the events `on` comes in.
 * While it loads again the old value stays: a page never blinks.
 */
export function useResource<T>(
  key: string,
  load: () => Promise<T>,
  on: readonly EventName[] = [],
): Resource<T> {
  const [state, setState] = useState<{ key: string; value: T | null; error: unknown }>({
    key,
    value: null,
    error: null,
  });
  const loader = useRef(load);
  loader.current = load;
  const turn = useRef(0);
  /** Answers up to this one no longer count: a later one is shown, or what they were asked for is. */
  const past = useRef(0);
  const keyNow = useRef(key);
  keyNow.current = key;

  // Not only the newest: where news come faster than answers, none would ever be shown.
  const isNews = useCallback((mine: number) => {
    if (mine <= past.current) return false;
    past.current = mine;
    return true;
  }, []);

  const reload = useCallback(async () => {
    const mine = ++turn.current;
    try {
      const value = await loader.current();
      if (isNews(mine)) setState({ key: keyNow.current, value, error: null });
    } catch (error) {
      if (isNews(mine)) setState((before) => ({ key: keyNow.current, value: before.value, error }));
    }
  }, [isNews]);

  const set = useCallback((value: T) => {
    past.current = turn.current;
    setState({ key: keyNow.current, value, error: null });
  }, []);

  useEffect(() => {
    void reload();
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
      timer = setTimeout(() => void reload(), SETTLE_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [names, reload]);

  return {
    value: state.value,
    error: state.error,
    isLoading: state.value === null && state.error === null,
    reload,
    set,
  };
}
