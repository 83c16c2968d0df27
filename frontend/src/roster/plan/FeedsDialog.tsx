import { nameIn, useTeams } from "../../api/teams";
import { type Feed, NONE, useFeeds } from "../../calendar/useFeeds";
import { now } from "../../lib/now";
import { formatDateTime } from "../../lib/time";
import { CopyButton } from "../../parts/CopyButton";
import { RevocableRow } from "../../parts/RevocableRow";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Loaded } from "../../ui/EmptyState";
import { SelectField, TextField } from "../../ui/Field";
import { FormProblem } from "../../ui/Form";
import type { PlanDialogProps } from "./dialog";
import { t } from "./words";
import "./plan.css";

const ALARMS = [NONE, 0, 10, 30, 60];

/** Secret addresses of the team's roster, for calendars; each can be revoked. */
export function FeedsDialog({ scope, onClose }: PlanDialogProps) {
  const { teamId } = scope;
  const { feeds, fresh, form, revoke } = useFeeds(teamId ?? NONE, (name) => t("feeds.revoked", { name }));
  const teams = useTeams();
  const team = nameIn(teams.value, teamId);
  const teamOf = (feed: Feed) =>
    feed.team_id === null ? t("feeds.own") : (nameIn(teams.value, feed.team_id) ?? t("team.one"));

  return (
    <Dialog title={t("feeds.title")} onClose={onClose} isWide>
      <div class="form">
        <p class="soft">{t("feeds.text")}</p>
        <Loaded from={feeds}>
          {(all) =>
            all.length > 0 && (
              <ul class="rows">
                {all.map((feed) => (
                  <RevocableRow
                    key={feed.id}
                    name={feed.name}
                    facts={`${teamOf(feed)} · ${
                      feed.last_read_at
                        ? t("feeds.read", { when: formatDateTime(feed.last_read_at, now.value) })
                        : t("feeds.unread")
                    }`}
                    action={t("action.revoke")}
                    label={t("action.revoke_named", { name: feed.name })}
                    consequence={t("feeds.revoke_text")}
                    onRevoke={() => revoke(feed)}
                  />
                ))}
              </ul>
            )
          }
        </Loaded>
        <div role="status">
          {fresh && (
            <>
              <p>{t("feeds.once")}</p>
              <code class="secret">{fresh.url}</code>
              <p class="form-foot">
                <CopyButton look="quiet" text={fresh.url} label={t("feeds.copy")} />
                <a class="button quiet" href={fresh.webcal_url}>
                  {t("feeds.add")}
                </a>
              </p>
            </>
          )}
        </div>
        <form class="form" onSubmit={form.onSubmit}>
          <div class="form-row">
            <TextField
              label={t("field.name")}
              placeholder={team ?? ""}
              maxLength={80}
              {...form.field("name")}
            />
            <SelectField
              label={t("feeds.alarm")}
              choices={ALARMS.map((minutes) => ({
                value: minutes,
                label: minutes < 0 ? t("feeds.alarm_none") : t("feeds.alarm_before", { n: minutes }),
              }))}
              {...form.bind("alarm")}
            />
          </div>
          <FormProblem of={form} />
          <footer class="form-foot">
            <Button type="submit" look="main" isBusy={form.isBusy}>
              {team ? t("feeds.new_of", { team }) : t("feeds.new")}
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
