import { useState } from "preact/hooks";
import { api } from "../api/client";
import { problemText } from "../api/problem";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { showToast } from "../ui/Toast";

export type Feed = components["schemas"]["FeedRead"];
type Fresh = components["schemas"]["FeedCreated"];

/** One's addresses for calendars: those that there are, the one just made (its address is shown once), and their end. */
export function useFeeds(revokedText: (name: string) => string) {
  const feeds = useResource("feeds", async () => (await api.get("/api/v1/me/ical")).items);
  const [fresh, setFresh] = useState<Fresh | null>(null);
  const [problem, setProblem] = useState<unknown>(null);

  /** True when there is a new one. */
  async function create(body: components["schemas"]["FeedCreate"]): Promise<boolean> {
    setProblem(null);
    try {
      setFresh(await api.post("/api/v1/me/ical", { body }));
    } catch (error) {
      setProblem(error);
      return false;
    }
    await feeds.reload();
    return true;
  }

  async function revoke(feed: Feed) {
    try {
      await api.delete("/api/v1/me/ical/{feed_id}", { path: { feed_id: feed.id } });
      if (fresh?.id === feed.id) setFresh(null);
      showToast(revokedText(feed.name));
    } catch (error) {
      showToast(problemText(error), { isProblem: true });
    }
    await feeds.reload();
  }

  return { feeds, fresh, problem, create, revoke };
}
