import { api } from "../api/client";
import { useList } from "../api/get";
import type { components } from "../api/schema";
import { isAdmin } from "../api/session";
import { namedChoices, type Team, teamNameIn } from "../api/teams";
import { betweenSentences, listed } from "../i18n";
import { addDays } from "../lib/dates";
import { currentDate } from "../lib/now";
import { formatDate, formatMonthDay } from "../lib/time";
import { attempt } from "../ui/attempt";
import { Button } from "../ui/Button";
import { Loaded } from "../ui/EmptyState";
import { SelectField, TextField } from "../ui/Field";
import { Form, useForm } from "../ui/Form";
import { Section } from "../ui/Page";
import { showToast } from "../ui/Toast";
import type { Person } from "./person";
import { t } from "./words";

type Move = components["schemas"]["MoveRead"];
const PAST_SHOWN = 3;
const DATES_SHOWN = 5;

function formatLostDates(dates: readonly string[]): string {
  const some = listed(dates.slice(0, DATES_SHOWN).map(formatMonthDay));
  return dates.length > DATES_SHOWN ? t("move.lost_more", { dates: some, n: dates.length }) : some;
}

/** The team, and moves to another from a date on: planned ones can be called off, past ones are kept. */
export function PersonMoves(props: {
  person: Person;
  teams: readonly Team[] | null;
  onMoved: () => Promise<void>;
}) {
  const { person, teams, onMoved } = props;
  const today = currentDate.value;
  const path = { user_id: person.id };
  const moves = useList("/api/v1/users/{user_id}/moves", { path });
  const choices = [
    ...(isAdmin.value && person.team_id !== null ? [{ value: 0, label: t("person.no_team") }] : []),
    ...namedChoices(teams).filter((team) => team.value !== person.team_id),
  ];
  // Tomorrow and not today: what is planned can be called off.
  const initial = { picked: null as number | null, from_date: addDays(today, 1) };
  const form = useForm(initial, async ({ from_date }) => {
    if (!to) return;
    const body = { team_id: to.value || null, from_date };
    const move = await api.post("/api/v1/users/{user_id}/moves", { path, body });
    const lost = move.unplanned_dates.length;
    const said = [t(move.applied_at ? "move.done_now" : "move.done")];
    if (move.applied_at && lost > 0) said.push(t("move.lost_now", { n: lost }));
    showToast(said.join(betweenSentences()));
    form.set({ picked: null });
    await Promise.all([moves.reload(), move.applied_at ? onMoved() : null]);
  });
  const to =
    choices.find((choice) => choice.value === form.values.picked) ??
    choices.find((choice) => choice.value > 0) ??
    choices[0];

  async function cancel(move: Move) {
    await attempt(
      () =>
        api.delete("/api/v1/users/{user_id}/moves/{move_id}", {
          path: { user_id: person.id, move_id: move.id },
        }),
      t("move.cancelled"),
    );
    await moves.reload();
  }

  return (
    <Section title={t("move.title")}>
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
                        {t("action.cancel")}
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
        <Form of={form} action={t("move.do")}>
          <div class="form-row">
            <SelectField
              label={t("move.to")}
              value={to.value}
              choices={choices}
              onValue={(picked) => form.set({ picked })}
            />
            <TextField label={t("move.from")} type="date" required {...form.field("from_date")} />
          </div>
          <p class="note">{t("move.text")}</p>
        </Form>
      )}
    </Section>
  );
}
