import { useState } from "preact/hooks";
import { api } from "../api/client";
import { problemOf, problemText } from "../api/problem";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { isAdmin } from "../api/session";
import { type Team, teamNameIn } from "../api/teams";
import { addDays } from "../lib/dates";
import { now } from "../lib/now";
import { dateOf, formatDate, formatMonthDay } from "../lib/time";
import { Button } from "../ui/Button";
import { Loaded } from "../ui/EmptyState";
import { SelectField, TextField } from "../ui/Field";
import { FormProblem } from "../ui/FormProblem";
import { showToast } from "../ui/Toast";
import type { Person } from "./person";
import { t } from "./words";

type Move = components["schemas"]["MoveRead"];
const PAST_SHOWN = 3;
const DATES_SHOWN = 5;

function formatLostDates(dates: readonly string[]): string {
  const some = dates.slice(0, DATES_SHOWN).map(formatMonthDay).join(t("list.comma"));
  return dates.length > DATES_SHOWN ? t("move.lost_more", { dates: some, n: dates.length }) : some;
}

/** The team, and moves to another from a date on: planned ones can be called off, past ones are kept. */
export function PersonMoves(props: {
  person: Person;
  teams: readonly Team[] | null;
  onMoved: () => Promise<void>;
}) {
  const { person, teams, onMoved } = props;
  const today = dateOf(now.value);
  const moves = useResource(
    `moves ${person.id}`,
    async () => (await api.get("/api/v1/users/{user_id}/moves", { path: { user_id: person.id } })).items,
  );
  const choices = [
    ...(isAdmin.value && person.team_id !== null ? [{ value: 0, label: t("person.no_team") }] : []),
    ...(teams ?? [])
      .filter((team) => team.id !== person.team_id)
      .map((team) => ({ value: team.id, label: team.name })),
  ];
  const [picked, setPicked] = useState<number | null>(null);
  // Tomorrow and not today: what is planned can be called off.
  const [from, setFrom] = useState(addDays(today, 1));
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const to =
    choices.find((choice) => choice.value === picked) ??
    choices.find((choice) => choice.value > 0) ??
    choices[0];

  async function plan(event: Event) {
    event.preventDefault();
    if (!to) return;
    setBusy(true);
    setProblem(null);
    try {
      const move = await api.post("/api/v1/users/{user_id}/moves", {
        path: { user_id: person.id },
        body: { team_id: to.value || null, from_date: from },
      });
      const lost = move.unplanned_dates.length;
      const said = [t(move.applied_at ? "move.done_now" : "move.done")];
      if (move.applied_at && lost > 0) said.push(t("move.lost_now", { n: lost }));
      showToast(said.join(" "));
      setPicked(null);
      await Promise.all([moves.reload(), move.applied_at ? onMoved() : null]);
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  }

  async function cancel(move: Move) {
    try {
      await api.delete("/api/v1/users/{user_id}/moves/{move_id}", {
        path: { user_id: person.id, move_id: move.id },
      });
      showToast(t("move.cancelled"));
    } catch (error) {
      showToast(problemText(error), { isProblem: true });
    }
    await moves.reload();
  }

  return (
    <section class="section">
      <h2>{t("move.title")}</h2>
      <p>{t("move.now", { team: teamNameIn(teams, person.team_id) })}</p>
      <Loaded from={moves}>
        {(all) => {
          const shown = [
            ...all.filter((move) => !move.applied_at),
            ...all.filter((move) => move.applied_at).slice(0, PAST_SHOWN),
          ];
          return (
            shown.length > 0 && (
              <ul class="rows">
                {shown.map((move) => (
                  <li key={move.id} class="row-link">
                    <span class={`grow${move.applied_at ? " soft" : ""}`}>
                      {t(move.applied_at ? "move.past" : "move.planned", {
                        date: formatDate(move.from_date),
                        team: teamNameIn(teams, move.team_id),
                      })}
                      {move.unplanned_dates.length > 0 && (
                        <>
                          <br />
                          <span class="small">
                            {t("move.lost", { dates: formatLostDates(move.unplanned_dates) })}
                          </span>
                        </>
                      )}
                    </span>
                    {!move.applied_at && (
                      <Button
                        look="quiet"
                        aria-label={t("move.cancel_named", { date: formatDate(move.from_date) })}
                        onClick={() => void cancel(move)}
                      >
                        {t("move.cancel")}
                      </Button>
                    )}
                  </li>
                ))}
              </ul>
            )
          );
        }}
      </Loaded>
      {to && (
        <form class="form" onSubmit={plan}>
          <div class="form-row">
            <SelectField label={t("move.to")} value={to.value} choices={choices} onValue={setPicked} />
            <TextField
              label={t("move.from")}
              type="date"
              required
              value={from}
              error={problemOf(problem, "from_date")}
              onValue={setFrom}
            />
          </div>
          <p class="note">{t("move.text")}</p>
          <FormProblem problem={problem} isBesideField={problemOf(problem, "from_date") !== null} />
          <div>
            <Button type="submit" isBusy={isBusy}>
              {t("move.do")}
            </Button>
          </div>
        </form>
      )}
    </section>
  );
}
