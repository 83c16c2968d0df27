import { useGet } from "../api/get";
import { language, translationOf } from "../i18n";
import { currentDate, now } from "../lib/now";
import { addressOf, place, stay } from "../lib/router";
import { currentZone, formatDate, formatDateTime, formatRelativeDay, formatTime } from "../lib/time";
import { useValue } from "../lib/useValue";
import { Button } from "../ui/Button";
import { EmptyState, Loaded, QuietLine } from "../ui/EmptyState";
import { Field, SelectField } from "../ui/Field";
import { Page } from "../ui/Page";
import { byDay, instantOf, isToOneself, type PreviewMessage, type PreviewRow } from "./story";
import { t } from "./words";
import "./explain.css";

const SPANS = [1, 3, 7, 14];

/** What will be sent in the next days, to whom and when, starting now or at another moment. */
export function Preview() {
  const query = place.value.query;
  const from = query.get("from") ?? "";
  const fromField = useValue(from);
  const days = SPANS.find((each) => each === Number(query.get("days"))) ?? 7;
  const at = from ? instantOf(from, currentZone()) : null;
  const after = query.get("after") || undefined;
  const today = currentDate.value;
  const preview = useGet("/api/v1/reminders/preview", { query: { days, at: at ?? undefined, after } }, [
    "reminder",
    "roster",
    "shift",
    "channel",
  ]);
  return (
    <Page title={t("page.preview")} class="preview-page">
      <p class="lead-text">{t("preview.lead")}</p>
      <fieldset class="preview-controls">
        <legend class="only-heard">{t("preview.from")}</legend>
        <Field label={t("preview.from")}>
          {(wiring) => (
            <input
              {...wiring}
              class="input figures"
              type="datetime-local"
              ref={fromField}
              onChange={(event) => stay({ from: event.currentTarget.value, days })}
            />
          )}
        </Field>
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
              {after && (
                <QuietLine
                  action={
                    <a class="button quiet" href={addressOf("preview", { from, days })}>
                      {t("preview.first_part")}
                    </a>
                  }
                >
                  {t("preview.part", { after: formatDateTime(after, now.peek()) })}
                </QuietLine>
              )}
              {byDay(found.messages).map((day) => (
                <section key={day.date}>
                  <DayHeading day={formatRelativeDay(day.date, today)} date={formatDate(day.date)} />
                  <ol class="rows">
                    {day.rows.map((row, index) => (
                      <Row key={`${row.times[0]} ${index}`} row={row} />
                    ))}
                  </ol>
                </section>
              ))}
              {found.is_cut && (
                <QuietLine
                  action={
                    <a class="button quiet" href={addressOf("preview", { from, days, after: found.to_at })}>
                      {t("preview.next_part")}
                    </a>
                  }
                >
                  {t("preview.cut", { until: formatDateTime(found.to_at, now.peek()) })}
                </QuietLine>
              )}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

/** 今天 周二 11月24日; and 周四 11月26日, which has the weekday already. */
function DayHeading({ day, date }: { day: string; date: string }) {
  if (date.includes(day)) return <h2 class="log-day">{date}</h2>;
  return (
    <h2 class="log-day">
      {day} <span class="soft small">{date}</span>
    </h2>
  );
}

const NAMES_AT_ONCE = 8;

function Row({ row }: { row: PreviewRow }) {
  const { message, people, times } = row;
  const more = people.length > NAMES_AT_ONCE + 2 ? people.slice(NAMES_AT_ONCE) : [];
  return (
    <li class="preview-row">
      <time class="figures">{formatTime(times[0] ?? message.at)}</time>
      <div>
        <Names people={more.length ? people.slice(0, NAMES_AT_ONCE) : people} />
        {more.length > 0 && (
          <details>
            <summary class="soft small">{t("preview.more", { n: more.length })}</summary>
            <Names people={more} />
          </details>
        )}
        <p class="soft small">
          {t("preview.message", {
            occasion: translationOf(`occasion.${message.occasion}`) ?? "",
            kind: t(message.kind === "clock_in" ? "punch.clock_in" : "punch.clock_out"),
            way: wayTo(message),
          })}
          {row.count > 1 && ` · ${t("preview.count", { n: row.count })}`}
        </p>
        {times.length > 1 && (
          <p class="soft small figures">
            {t("preview.again", { times: times.slice(1).map(formatTime).join("  ") })}
          </p>
        )}
      </div>
    </li>
  );
}

function wayTo(message: PreviewMessage): string {
  const kind = message.labels[language.value] ?? message.channel_name;
  if (isToOneself(message)) return t("preview.own", { kind });
  const name = message.channel_name || t("personal_channel");
  return message.owner ? t("preview.of", { name, owner: message.owner }) : name;
}

function Names({ people }: { people: PreviewRow["people"] }) {
  return (
    <p class="preview-people">
      {people.map((person, index) => (
        <a key={person.user_id} href={addressOf("why", { person: person.user_id, date: person.work_date })}>
          {person.display_name}
          {index < people.length - 1 ? t("preview.between_names") : ""}
        </a>
      ))}
    </p>
  );
}
