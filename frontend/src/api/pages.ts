import { useEffect, useState } from "preact/hooks";
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

/** A list that comes page by page: asked anew when `key` changes, longer with every `readMore`. */
export function usePages<T>(key: string, ask: (cursor?: string) => Promise<OnePage<T>>): Pages<T> {
  const first = useResource(key, () => ask());
  const [more, setMore] = useState<{ of: unknown; items: T[]; cursor: string | null } | null>(null);
  const [isReading, setReading] = useState(false);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    setMore(null);
    setError(null);
  }, [key]);

  // What was read on belongs to the first page it followed, not to a newer one.
  const rest = more?.of === first.value ? more : null;
  const cursor = rest ? rest.cursor : (first.value?.next_cursor ?? null);

  async function readMore() {
    if (!cursor || isReading) return;
    setReading(true);
    setError(null);
    try {
      const page = await ask(cursor);
      setMore({
        of: first.value,
        items: [...(rest?.items ?? []), ...page.items],
        cursor: page.next_cursor ?? null,
      });
    } catch (problem) {
      setError(problem);
    }
    setReading(false);
  }

  return {
    first,
    items: [...(first.value?.items ?? []), ...(rest?.items ?? [])],
    hasMore: cursor !== null,
    isReading,
    error,
    readMore,
  };
}
