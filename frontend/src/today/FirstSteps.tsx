import type { ComponentChild } from "preact";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import { addDays } from "../lib/dates";
import { now } from "../lib/now";
import { addressOf, type PageName } from "../lib/router";
import { dateOf } from "../lib/time";
import { Loading } from "../ui/EmptyState";
import { Icon } from "../ui/Icon";
import { SHAPE, ShapeAndWord } from "../ui/StateMark";
import { t } from "./words";

const DAYS_AHEAD = 14;

interface Step {
  what: "shift" | "people" | "channel" | "roster";
  page: PageName;
  isDone: boolean;
}

/** The steps from an empty server to a plan; none once somebody is planned. */
async function fetchSteps(): Promise<Step[]> {
  const today = dateOf(now.peek());
  const [roster, shifts, people, channels] = await Promise.all([
    api.get("/api/v1/roster", { query: { from: today, to: addDays(today, DAYS_AHEAD) } }),
    api.get("/api/v1/shifts"),
    api.get("/api/v1/users", { query: { limit: 2 } }),
    api.get("/api/v1/channels"),
  ]);
  if (roster.users.some((person) => person.shift_ids.some((shift) => shift !== null))) return [];
  return [
    { what: "shift", page: "shifts", isDone: shifts.items.length > 0 },
    { what: "people", page: "people", isDone: people.items.length > 1 },
    { what: "channel", page: "channels", isDone: channels.items.some((each) => each.kind !== "inbox") },
    { what: "roster", page: "roster", isDone: false },
  ];
}

/** From an empty server to the first reminder. */
export function FirstSteps({ otherwise }: { otherwise: ComponentChild }) {
  const steps = useResource("first steps", fetchSteps, ["roster", "shift", "channel"]);
  if (steps.isLoading) return <Loading />;
  if (!steps.value?.length) return otherwise;
  return (
    <section class="first-steps">
      <h2>{t("title")}</h2>
      <p class="soft">{t("text")}</p>
      <ol class="rows">
        {steps.value.map((step) => (
          <li key={step.what}>
            <a class="row-link" href={addressOf(step.page)}>
              <span class="grow">
                <b>{t(`step.${step.what}`)}</b>
                <br />
                <span class="soft small">{t(`text.${step.what}`)}</span>
              </span>
              <ShapeAndWord
                look={step.isDone ? "done" : "waiting"}
                shape={SHAPE[step.isDone ? "done" : "waiting"]}
                word={t(step.isDone ? "done" : "to_do")}
              />
              <Icon name="forward" size={16} />
            </a>
          </li>
        ))}
      </ol>
    </section>
  );
}
