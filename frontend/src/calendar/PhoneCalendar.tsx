import { Problem, problemText } from "../api/problem";
import type { components } from "../api/schema";
import { me } from "../api/session";
import { now } from "../lib/now";
import { formatDateTime } from "../lib/time";
import { CopyButton } from "../parts/CopyButton";
import { QrCode } from "../parts/QrCode";
import { RevocableRow } from "../parts/RevocableRow";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Loaded } from "../ui/EmptyState";
import { SelectField, TextField } from "../ui/Field";
import { FormProblem } from "../ui/Form";
import { NONE, useFeeds } from "./useFeeds";
import { t } from "./words";

type Fresh = components["schemas"]["FeedCreated"];

const ALARMS = [NONE, 0, 10, 15, 30, 60];

const alarmLabel = (minutes: number) =>
  minutes === NONE
    ? t("phone.no_alarm")
    : minutes === 0
      ? t("phone.alarm_at")
      : t("phone.alarm_before", { n: minutes });

const feedProblemText = (error: unknown) =>
  error instanceof Problem && error.code === "too_many_feeds" ? t("phone.too_many") : problemText(error);

/** Addresses by which a phone's calendar follows the roster. An address is shown once. */
export function PhoneCalendar({ onClose }: { onClose: () => void }) {
  const { feeds, fresh, form, revoke } = useFeeds(NONE, (revoked) => t("phone.revoked", { name: revoked }));
  const team = me.value?.team;

  return (
    <Dialog title={t("phone")} onClose={onClose}>
      <div class="form">
        <p class="soft">{t("phone.text")}</p>
        <div role="status">{fresh && <Address feed={fresh} />}</div>
        <Loaded from={feeds}>
          {(all) =>
            all.length > 0 && (
              <section>
                <h3>{t("phone.have")}</h3>
                <ul class="rows">
                  {all.map((feed) => (
                    <RevocableRow
                      key={feed.id}
                      name={feed.name}
                      facts={`${alarmLabel(feed.alarm_minutes ?? NONE)} · ${
                        feed.last_read_at
                          ? t("phone.read", { when: formatDateTime(feed.last_read_at, now.value) })
                          : t("phone.unread")
                      }`}
                      action={t("action.revoke")}
                      label={t("action.revoke_named", { name: feed.name })}
                      consequence={t("phone.revoke_text")}
                      onRevoke={() => revoke(feed)}
                    />
                  ))}
                </ul>
              </section>
            )
          }
        </Loaded>
        <form class="form" onSubmit={form.onSubmit}>
          <TextField
            label={t("field.name")}
            placeholder={t("phone.name_example")}
            maxLength={80}
            {...form.field("name")}
          />
          {team && (
            <SelectField
              label={t("phone.whose")}
              choices={[
                { value: NONE, label: t("phone.mine") },
                { value: team.id, label: t("phone.team", { name: team.name }) },
              ]}
              {...form.bind("team_id")}
            />
          )}
          <SelectField
            label={t("phone.alarm")}
            choices={ALARMS.map((value) => ({ value, label: alarmLabel(value) }))}
            {...form.bind("alarm")}
          />
          <FormProblem of={form} explain={feedProblemText} />
          <footer class="form-foot">
            <Button look={fresh ? "plain" : "main"} type="submit" isBusy={form.isBusy}>
              {t("phone.create")}
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

/** A new address: to tap, to copy, to scan. */
function Address({ feed }: { feed: Fresh }) {
  return (
    <div class="form">
      <p>{t("phone.once")}</p>
      <code class="secret">{feed.url}</code>
      <p class="form-foot">
        <a class="button main" href={feed.webcal_url}>
          {t("phone.open")}
        </a>
        <CopyButton text={feed.url} label={t("phone.copy")} />
      </p>
      <QrCode svg={feed.qr_svg} label={t("phone.qr")} />
      <p class="soft small">{t("phone.lan", { host: new URL(feed.url).host })}</p>
    </div>
  );
}
