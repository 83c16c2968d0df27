import { api } from "../api/client";
import { useResource } from "../api/resource";
import { known, t } from "../i18n";
import { now } from "../lib/now";
import { addressOf, place, stay } from "../lib/router";
import { currentZone, dateOf, sayClock, sayDay } from "../lib/time";
import { Button } from "../ui/Button";
import { EmptyState, Loaded, QuietLine } from "../ui/EmptyState";
import { SelectField } from "../ui/Field";
import { Page } from "../ui/Page";
import { byDay, instantOf, type PreviewMessage } from "./story";
import "./explain.css";

const SPANS = [1, 3, 7, 14];

/** What will be sent in the next days, to whom and when; also from another moment: time travel for planners. */
export function Preview() {
  const query = place.value.query;
  const from = query.get("from") ?? "";
  const days = SPANS.find((each) => each === Number(query.get("days"))) ?? 7;
  const at = from ? instantOf(from, currentZone()) : null;
  const preview = useResource(
    `${at} ${days}`,
    () => api.get("/api/v1/reminders/preview", { query: { days, at: at ?? undefined } }),
    ["reminder", "roster", "shift", "channel"],
  );
  return (
    <Page title={t("page.preview")} class="preview-page">
      <p class="lead-text">{t("preview.lead")}</p>
      <fieldset class="preview-controls">
        <legend class="only-heard">{t("preview.from")}</legend>
        <label class="field">
          <span class="field-label">{t("preview.from")}</span>
          <input
            class="input figures"
            type="datetime-local"
            value={from}
            onChange={(event) => stay({ from: event.currentTarget.value, days })}
          />
        </label>
        <SelectField
          label={t("preview.days")}
          value={days}
          choices={SPANS.map((each) => ({ value: each, label: t("preview.days_n", { n: each }) }))}
          onValue={(value) => stay({ from, days: value })}
        />
        {from && (
          <Button look="quiet" onClick={() => stay({ days })}>
            {t("preview.now")}
          </Button>
        )}
      </fieldset>
      <Loaded from={preview}>
        {(found) => {
          if (found.messages.length === 0)
            return (
              <EmptyState title={t("preview.empty")} text={t("preview.empty_text")}>
                <a class="button plain" href={addressOf("roster")}>
                  {t("preview.to_roster")}
                </a>
              </EmptyState>
            );
          return (
            <>
              {found.is_cut && <QuietLine>{t("preview.cut")}</QuietLine>}
              {byDay(found.messages).map((day) => (
                <section key={day.date}>
                  <h2 class="log-day">{sayDay(day.date, dateOf(now.value))}</h2>
                  <ol class="rows">
                    {day.moments.map((moment) => (
                      <li key={moment.at} class="preview-moment">
                        <time class="figures">{sayClock(moment.at)}</time>
                        <ul>
                          {moment.messages.map((message, index) => (
                            <Message key={`${message.channel_id} ${index}`} message={message} />
                          ))}
                        </ul>
                      </li>
                    ))}
                  </ol>
                </section>
              ))}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Message({ message }: { message: PreviewMessage }) {
  return (
    <li>
      <span class="preview-people">
        {message.people.map((person, index) => (
          <a key={person.user_id} href={addressOf("why", { person: person.user_id, date: person.work_date })}>
            {person.display_name}
            {index < message.people.length - 1 ? t("list.comma") : ""}
          </a>
        ))}
      </span>
      <span class="soft small">
        {t("preview.message", {
          occasion: known(`occasion.${message.occasion}`) ?? "",
          kind: t(message.kind === "clock_in" ? "punch.clock_in" : "punch.clock_out"),
        })}
        {" · "}
        {message.channel_name}
      </span>
    </li>
  );
}
