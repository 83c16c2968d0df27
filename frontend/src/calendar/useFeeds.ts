import { useState } from "preact/hooks";
import { api } from "../api/client";
import { useList } from "../api/get";
import type { components } from "../api/schema";
import { attempt } from "../ui/attempt";
import { useForm } from "../ui/Form";

export type Feed = components["schemas"]["FeedRead"];

/** No alarm, no team. */
export const NONE = -1;

/** One's addresses for calendars: those that there are, the one just made (its address is shown once), and their end. */
export function useFeeds(teamId: number, revokedText: (name: string) => string) {
  const feeds = useList("/api/v1/me/ical");
  const [fresh, setFresh] = useState<components["schemas"]["FeedCreated"] | null>(null);
  const form = useForm({ name: "", team_id: teamId, alarm: NONE }, async ({ name, team_id, alarm }) => {
    const body = {
      name: name.trim() || null,
      team_id: team_id === NONE ? null : team_id,
      alarm_minutes: alarm === NONE ? null : alarm,
    };
    setFresh(await api.post("/api/v1/me/ical", { body }));
    form.set({ name: "" });
    await feeds.reload();
  });

  async function revoke(feed: Feed) {
    await attempt(async () => {
      await api.delete("/api/v1/me/ical/{feed_id}", { path: { feed_id: feed.id } });
      if (fresh?.id === feed.id) setFresh(null);
    }, revokedText(feed.name));
    await feeds.reload();
  }

  return { feeds, fresh, form, revoke };
}
