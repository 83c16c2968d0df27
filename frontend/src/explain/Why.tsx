import { api } from "../api/client";
import { useResource } from "../api/resource";
import { type Key, language, t } from "../i18n";
import { now } from "../lib/now";
import { place } from "../lib/router";
import { sayClock, sayDate, sayMoment } from "../lib/time";
import { DeliveryStory } from "../log/DeliveryStory";
import { EmptyState, Loaded } from "../ui/EmptyState";
import { Page } from "../ui/Page";
import { ShiftBadge } from "../ui/ShiftBadge";
import { markOf, StateMark } from "../ui/StateMark";
import { type Explanation, sayAbsence, sayRosterStep } from "./story";
import "./explain.css";

type Point = Explanation["points"][number];

/** Why somebody was or was not reminded: the answer in one sentence, then everything that it follows from. */
export function Why() {
  const query = place.value.query;
  const userId = Number(query.get("person"));
  const date = query.get("date") ?? "";
  if (!userId || !/^\d{4}-\d\d-\d\d$/.test(date))
    return (
      <Page title={t("page.why")}>
        <EmptyState title={t("why.missing")} text={t("why.missing_text")} />
      </Page>
    );
  return <Story userId={userId} date={date} />;
}

function Story({ userId, date }: { userId: number; date: string }) {
  const story = useResource(
    `${userId} ${date}`,
    () => api.get("/api/v1/reminders/explain", { query: { user_id: userId, date } }),
    ["reminder", "delivery", "roster", "punch"],
  );
  return (
    <Page title={t("page.why")} class="why-page">
      <Loaded from={story}>
        {(found) => (
          <>
            <p class="soft">{t("why.of", { name: found.display_name, date: sayDate(found.date) })}</p>
            <p class="why-answer">{language.value === "zh" ? found.reason.zh : found.reason.en}</p>
            <ul class="rows why-facts">
              {found.roster_steps.map((step) => (
                <li key={step.at}>
                  <time class="figures soft">{sayMoment(step.at, now.value)}</time>
                  <span>{sayRosterStep(step)}</span>
                  {found.shift && <ShiftBadge shift={found.shift} />}
                </li>
              ))}
              {found.absences.map((absence) => (
                <li key={`${absence.kind}${absence.first_date}`}>
                  <span>{sayAbsence(absence)}</span>
                  {absence.reason && <span class="soft">{absence.reason}</span>}
                </li>
              ))}
              {found.punches.map((punch) => (
                <li key={punch.id}>
                  <span>
                    {t("why.punch", { time: sayMoment(punch.at, now.value), source: punch.source })}
                  </span>
                </li>
              ))}
            </ul>
            {found.points.map((point) => (
              <PointStory key={`${point.period} ${point.kind}`} point={point} />
            ))}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function PointStory({ point }: { point: Point }) {
  return (
    <section class="why-point">
      <h2>
        <time class="figures">{sayClock(point.point_at)}</time>{" "}
        {t(point.kind === "clock_in" ? "punch.clock_in" : "punch.clock_out")}
        {point.reminder && <StateMark mark={markOf(point.reminder.status)} />}
      </h2>
      <p>{language.value === "zh" ? point.reason.zh : point.reason.en}</p>
      <h3 class="soft small">
        {t("why.steps")} · {t(POLICY_FROM[point.policy_from] ?? "why.policy_default")}
      </h3>
      <ol class="why-steps figures">
        {point.steps.map((step) => (
          <li key={step.at} class={step.is_past ? "soft" : ""}>
            {sayClock(step.at)}
            {step.escalate && ` ${t("why.step_escalate")}`}
          </li>
        ))}
      </ol>
      {point.deliveries.length > 0 ? (
        point.deliveries.map((delivery) => <DeliveryStory key={delivery.id} delivery={delivery} />)
      ) : (
        <p class="soft">{t("why.no_deliveries")}</p>
      )}
    </section>
  );
}

const POLICY_FROM: Readonly<Record<string, Key>> = {
  user: "why.policy_user",
  shift: "why.policy_shift",
  team: "why.policy_team",
};
