import { useGet } from "../api/get";
import { language } from "../i18n";
import { dateIn } from "../lib/dates";
import { now } from "../lib/now";
import { goBack, place } from "../lib/router";
import { dateOf, formatDate, formatDateTime, formatTime, formatTimeWithSeconds } from "../lib/time";
import { DeliveryStory } from "../log/DeliveryStory";
import { Button } from "../ui/Button";
import { EmptyState, Loaded, QuietLine } from "../ui/EmptyState";
import { Page } from "../ui/Page";
import { ShiftBadge } from "../ui/ShiftBadge";
import { StateMark } from "../ui/StateMark";
import {
  describeAbsence,
  describeDayKind,
  describeDraft,
  describeRosterStep,
  type Explanation,
} from "./story";
import { t } from "./words";
import "./explain.css";

type Point = Explanation["points"][number];
/** Whose policy it is. */
type Owner = "user" | "shift" | "team";

/** Why somebody was or was not reminded: the answer in one sentence, then everything that it follows from. */
export function Why() {
  const query = place.value.query;
  const userId = Number(query.get("person"));
  const date = dateIn(query.get("date"));
  if (!userId || !date)
    return (
      <Page title={t("page.why")} actions={<Button onClick={goBack}>{t("why.back")}</Button>}>
        <EmptyState title={t("why.missing")} text={t("why.missing_text")} />
      </Page>
    );
  return <Story userId={userId} date={date} />;
}

function Story({ userId, date }: { userId: number; date: string }) {
  const story = useGet("/api/v1/reminders/explain", { query: { user_id: userId, date } }, [
    "reminder",
    "delivery",
    "roster",
    "draft",
    "punch",
  ]);
  return (
    <Page title={t("page.why")} class="why-page" actions={<Button onClick={goBack}>{t("why.back")}</Button>}>
      <Loaded from={story}>
        {(found) => (
          <>
            <p class="soft">
              {t("why.of", {
                name: found.display_name,
                date: formatDate(found.date),
                day: describeDayKind(found.day),
              })}
            </p>
            <p class="why-answer">{found.reason[language.value]}</p>
            <ul class="rows why-facts">
              {found.roster_steps.map((step, index) => (
                <li key={step.at}>
                  <time class="figures soft">{formatDateTime(step.at, now.value)}</time>
                  <span>{describeRosterStep(step)}</span>
                  {found.shift && index === found.roster_steps.length - 1 && (
                    <ShiftBadge shift={found.shift} />
                  )}
                </li>
              ))}
              {found.draft && (
                <li>
                  <time class="figures soft">{formatDateTime(found.draft.at, now.value)}</time>
                  <span>{describeDraft(found.draft)}</span>
                </li>
              )}
              {found.absences.map((absence) => (
                <li key={`${absence.kind}${absence.first_date}`}>
                  <span>{describeAbsence(absence)}</span>
                  {absence.reason && <span class="soft">{absence.reason}</span>}
                </li>
              ))}
              {found.punches.map((punch) => (
                <li key={punch.id}>
                  <span>
                    {t("why.punch", { time: formatDateTime(punch.at, now.value), source: punch.source })}
                  </span>
                </li>
              ))}
            </ul>
            {found.points.map((point) => (
              <PointStory
                key={`${point.period} ${point.kind}`}
                point={point}
                date={found.date}
                answer={found.reason.zh}
              />
            ))}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function PointStory({ point, date, answer }: { point: Point; date: string; answer: string }) {
  const time = formatTime(point.point_at);
  const hasBegun = point.steps.some((step) => step.is_past);
  return (
    <section class="why-point">
      <h2>
        <time class="figures">{dateOf(point.point_at) > date ? t("why.next_day", { time }) : time}</time>{" "}
        {t(point.kind === "clock_in" ? "punch.clock_in" : "punch.clock_out")}
        {point.reminder && <StateMark of={point.reminder} />}
      </h2>
      {point.reason.zh !== answer && <p>{point.reason[language.value]}</p>}
      {point.unreadable_policies.map((owner) => (
        <QuietLine key={owner} isUrgent>
          {t(`why.unreadable_${owner as Owner}`)}
        </QuietLine>
      ))}
      <h3 class="soft small">
        {t("why.steps")} · {t(`why.policy_${point.policy_from as Owner | "default"}`)}
      </h3>
      <ol class="why-steps figures">
        {point.steps.map((step) => (
          <li key={step.at} class={step.is_past ? "soft" : ""}>
            {formatTime(step.at)}
            {step.escalate && ` ${t("why.step_escalate")}`}
          </li>
        ))}
      </ol>
      {point.checks.length > 0 && <Checks checks={point.checks} />}
      {point.deliveries.map((delivery) => (
        <DeliveryStory
          key={delivery.id}
          delivery={delivery}
          title={delivery.channel_name || t("personal_channel")}
        />
      ))}
      {hasBegun && point.deliveries.length === 0 && <p class="soft">{t("why.no_deliveries")}</p>}
    </section>
  );
}

/** Each source once: when it was queried, its answer, and the remedy if it failed. */
function Checks({ checks }: { checks: Point["checks"] }) {
  const speech = language.value;
  return (
    <>
      <h3 class="soft small">{t("why.checks")}</h3>
      <ul class="why-checks">
        {checks.map((check) => (
          <li key={check.source_id}>
            <p>
              {check.source_name}
              <span class={check.state === "unknown" ? "" : "soft"}> {check.said[speech]}</span>
              {check.asked_at && (
                <span class="soft small">
                  {" "}
                  {t("why.asked", { time: formatTimeWithSeconds(check.asked_at) })}
                </span>
              )}
            </p>
            {check.state === "unknown" && check.trouble && <p class="soft small">{check.trouble}</p>}
            {check.state === "unknown" && check.remedy[speech] && <p class="small">{check.remedy[speech]}</p>}
          </li>
        ))}
      </ul>
    </>
  );
}
