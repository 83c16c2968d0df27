import { useState } from "preact/hooks";
import { Problem, problemOf, sayProblem } from "../api/problem";
import type { components } from "../api/schema";
import { me } from "../api/session";
import { t } from "../i18n";
import { now } from "../lib/now";
import { sayMoment } from "../lib/time";
import { Button } from "../ui/Button";
import { CopyButton } from "../ui/CopyButton";
import { Dialog } from "../ui/Dialog";
import { Loaded } from "../ui/EmptyState";
import { SelectField, TextField } from "../ui/Field";
import { QrCode } from "../ui/QrCode";
import { RevocableRow } from "../ui/RevocableRow";
import { useFeeds } from "./useFeeds";
import { word } from "./words";

type Fresh = components["schemas"]["FeedCreated"];

const NONE = -1;
const ALARMS = [NONE, 0, 10, 15, 30, 60];
const MINE = 0;

const sayAlarm = (minutes: number) =>
  minutes === NONE
    ? word("phone.no_alarm")
    : minutes === 0
      ? word("phone.alarm_at")
      : word("phone.alarm_before", { n: minutes });

const sayFeedProblem = (error: unknown) =>
  error instanceof Problem && error.code === "too_many_feeds" ? word("phone.too_many") : sayProblem(error);

/** Addresses by which a phone's calendar follows the roster. An address is shown once. */
export function PhoneCalendar({ onClose }: { onClose: () => void }) {
  const feeds = useFeeds((revoked) => word("phone.revoked", { name: revoked }));
  const { fresh, problem } = feeds;
  const [name, setName] = useState("");
  const [teamId, setTeamId] = useState(MINE);
  const [alarm, setAlarm] = useState(NONE);
  const team = me.value?.team;

  async function create(event: Event) {
    event.preventDefault();
    const isMade = await feeds.create({
      name: name.trim() || null,
      team_id: teamId === MINE ? null : teamId,
      alarm_minutes: alarm === NONE ? null : alarm,
    });
    if (isMade) setName("");
  }

  return (
    <Dialog title={word("phone")} onClose={onClose}>
      <div class="form">
        <p class="soft">{word("phone.text")}</p>
        <div role="status">{fresh && <Address feed={fresh} />}</div>
        <form class="form" onSubmit={create}>
          <TextField
            label={word("phone.name")}
            placeholder={word("phone.name_example")}
            maxLength={80}
            value={name}
            error={problemOf(problem, "name")}
            onValue={setName}
          />
          {team && (
            <SelectField
              label={word("phone.whose")}
              value={teamId}
              choices={[
                { value: MINE, label: word("phone.mine") },
                { value: team.id, label: word("phone.team", { name: team.name }) },
              ]}
              onValue={setTeamId}
            />
          )}
          <SelectField
            label={word("phone.alarm")}
            value={alarm}
            choices={ALARMS.map((value) => ({ value, label: sayAlarm(value) }))}
            onValue={setAlarm}
          />
          <p class="form-problem" role="alert">
            {problem !== null && !problemOf(problem, "name") && sayFeedProblem(problem)}
          </p>
          <div>
            <Button look={fresh ? "plain" : "main"} type="submit">
              {word("phone.create")}
            </Button>
          </div>
        </form>
        <Loaded from={feeds.feeds}>
          {(all) =>
            all.length > 0 && (
              <section>
                <h3>{word("phone.have")}</h3>
                <ul class="rows">
                  {all.map((feed) => (
                    <RevocableRow
                      key={feed.id}
                      name={feed.name}
                      facts={`${sayAlarm(feed.alarm_minutes ?? NONE)} · ${
                        feed.last_read_at
                          ? word("phone.read", { when: sayMoment(feed.last_read_at, now.value) })
                          : word("phone.unread")
                      }`}
                      action={word("phone.revoke")}
                      label={word("phone.revoke_named", { name: feed.name })}
                      onRevoke={() => void feeds.revoke(feed)}
                    />
                  ))}
                </ul>
              </section>
            )
          }
        </Loaded>
        <div>
          <Button look="quiet" onClick={onClose}>
            {t("action.close")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** A new address: to tap, to copy, to scan. */
function Address({ feed }: { feed: Fresh }) {
  return (
    <div class="form">
      <p>{word("phone.once")}</p>
      <code class="secret">{feed.url}</code>
      <p class="form-foot">
        <a class="button main" href={feed.webcal_url}>
          {word("phone.open")}
        </a>
        <CopyButton text={feed.url} label={word("phone.copy")} />
      </p>
      <QrCode svg={feed.qr_svg} label={word("phone.qr")} />
      <p class="soft small">{word("phone.lan", { host: new URL(feed.url).host })}</p>
    </div>
  );
}
