import { useEffect, useState } from "preact/hooks";
import type { EventName } from "./events";
import { type Resource, useResource } from "./resource";

interface OnePage<T> {
  items: T[];
  next_cursor?: string | null;
}

export interface Pages<T> {
  /** The first page, for `Loaded`. */
  first: Resource<OnePage<T>>;
  items: T[];
  hasMore: boolean;
  isReading: boolean;
  /** Why the last `readMore` brought nothing. */
  error: unknown;
  readMore: () => Promise<void>;
}

/** The first page as it is now, then what was read before and has left it. */
export function joinPages<T extends { id: number }>(first: readonly T[], read: readonly T[]): T[] {
  const ids = new Set(first.map((item) => item.id));
  return [...first, ...read.filter((item) => !ids.has(item.id))];
}

/**
 * A list that comes page by page: loaded anew when `key` changes, longer with every `readMore`. With events `on`, for
 * lists from which nothing is removed, the first page is loaded again when one comes in, and what was read beyond it
 * stays; otherwise a reload begins the list anew.
 */
export function usePages<T extends { id: number }>(
  key: string,
  load: (cursor?: string) => Promise<OnePage<T>>,
  on: readonly EventName[] = [],
): Pages<T> {
  const first = useResource(key, () => load(), on);
  /** What was read on from, and the pages after it. */
  const [read, setRead] = useState<{
    key: string;
    first: unknown;
    items: T[];
    cursor: string | null;
  } | null>(null);
  const [isReading, setReading] = useState(false);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    setRead(null);
    setError(null);
  }, [key]);

  const mine = read?.key === key && (on.length > 0 || read.first === first.value) ? read : null;
  const shown = first.value?.items ?? [];
  const items = mine ? joinPages(shown, mine.items) : shown;
  const cursor = mine ? mine.cursor : (first.value?.next_cursor ?? null);

  async function readMore() {
    if (!cursor || isReading) return;
    setReading(true);
    setError(null);
    try {
      const page = await load(cursor);
      setRead({
        key,
        first: first.value,
        items: joinPages(items, page.items),
        cursor: page.next_cursor ?? null,
      });
    } catch (problem) {
      setError(problem);
    }
    setReading(false);
  }

  return { first, items, hasMore: cursor !== null, isReading, error, readMore };
}
