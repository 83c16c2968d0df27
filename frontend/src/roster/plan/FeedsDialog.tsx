import { useState } from "preact/hooks";
import { api } from "../../api/client";
import { sayProblem } from "../../api/problem";
import { useResource } from "../../api/resource";
import type { components } from "../../api/schema";
import { t } from "../../i18n";
import { now } from "../../lib/now";
import { sayMoment } from "../../lib/time";
import { Button } from "../../ui/Button";
import { CopyButton } from "../../ui/CopyButton";
import { Dialog } from "../../ui/Dialog";
import { Loaded } from "../../ui/EmptyState";
import { SelectField, TextField } from "../../ui/Field";
import { say } from "../../ui/Toast";
import type { PlanDialogProps } from "./PlanMenu";
import { word } from "./words";
import "./plan.css";

type Feed = components["schemas"]["FeedRead"];
type Created = components["schemas"]["FeedCreated"];

const ALARMS = [-1, 0, 10, 30, 60];

/** Secret addresses of the team's roster, for calendars; each can be revoked. */
export function FeedsDialog({ scope, onClose }: PlanDialogProps) {
  const { teamId } = scope;
  const feeds = useResource("feeds", async () => (await api.get("/api/v1/me/ical")).items);
  const teams = useResource("teams", async () => (await api.get("/api/v1/teams")).items);
  const [name, setName] = useState("");
  const [alarm, setAlarm] = useState(-1);
  const [fresh, setFresh] = useState<Created | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const team = teams.value?.find((each) => each.id === teamId);
  const teamOf = (feed: Feed) =>
    feed.team_id === null
      ? word("feeds.own")
      : (teams.value?.find((each) => each.id === feed.team_id)?.name ?? word("feeds.team"));

  async function create(event: Event) {
    event.preventDefault();
    setProblem(null);
    try {
      setFresh(
        await api.post("/api/v1/me/ical", {
          body: {
            name: name.trim() || null,
            team_id: teamId ?? null,
            alarm_minutes: alarm < 0 ? null : alarm,
          },
        }),
      );
      setName("");
      await feeds.reload();
    } catch (error) {
      setProblem(error);
    }
  }

  async function revoke(feed: Feed) {
    try {
      await api.delete("/api/v1/me/ical/{feed_id}", { path: { feed_id: feed.id } });
      if (fresh?.id === feed.id) setFresh(null);
      say(word("feeds.revoked", { name: feed.name }));
    } catch (error) {
      say(sayProblem(error), { isProblem: true });
    }
    await feeds.reload();
  }

  return (
    <Dialog title={word("feeds.title")} onClose={onClose} isWide>
      <div class="form">
        <p class="soft">{word("feeds.text")}</p>
        <Loaded from={feeds}>
          {(all) =>
            all.length > 0 && (
              <ul class="rows">
                {all.map((feed) => (
                  <li key={feed.id} class="row-link">
                    <span class="grow">
                      {feed.name}
                      <br />
                      <span class="soft small">
                        {teamOf(feed)} ·{" "}
                        {feed.last_read_at
                          ? word("feeds.read", { when: sayMoment(feed.last_read_at, now.value) })
                          : word("feeds.unread")}
                      </span>
                    </span>
                    <Button
                      look="quiet"
                      aria-label={word("feeds.revoke_named", { name: feed.name })}
                      onClick={() => void revoke(feed)}
                    >
                      {word("feeds.revoke")}
                    </Button>
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
        <div role="status">
          {fresh && (
            <>
              <p>{word("feeds.once")}</p>
              <code class="secret">{fresh.url}</code>
              <p class="form-foot">
                <CopyButton look="quiet" text={fresh.url} label={word("feeds.copy")} />
                <a class="button quiet" href={fresh.webcal_url}>
                  {word("feeds.add")}
                </a>
              </p>
            </>
          )}
        </div>
        <form class="form" onSubmit={create}>
          <div class="form-row">
            <TextField
              label={word("feeds.name")}
              placeholder={team ? team.name : ""}
              maxLength={80}
              value={name}
              onValue={setName}
            />
            <SelectField
              label={word("feeds.alarm")}
              value={alarm}
              choices={ALARMS.map((minutes) => ({
                value: minutes,
                label: minutes < 0 ? word("feeds.alarm_none") : word("feeds.alarm_before", { n: minutes }),
              }))}
              onValue={setAlarm}
            />
          </div>
          <p class="form-problem" role="alert">
            {problem !== null && sayProblem(problem)}
          </p>
          <footer class="form-foot">
            <Button type="submit" look="main">
              {team ? word("feeds.new_of", { team: team.name }) : word("feeds.new")}
            </Button>
            <Button look="quiet" onClick={onClose}>
              {t("action.close")}
            </Button>
          </footer>
        </form>
      </div>
    </Dialog>
  );
}
