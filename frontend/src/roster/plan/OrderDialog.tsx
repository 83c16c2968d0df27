import { api } from "../../api/client";
import { useGet } from "../../api/get";
import { useTeams } from "../../api/teams";
import { useValue } from "../../lib/useValue";
import { Button, IconButton } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Loaded } from "../../ui/EmptyState";
import { DialogForm, useForm } from "../../ui/Form";
import { showToast } from "../../ui/Toast";
import { crewsOf } from "./crews";
import type { PlanDialogProps } from "./dialog";
import { byCrew, byName, moved, type Person } from "./order";
import { t } from "./words";
import "./plan.css";
import "./order.css";

/** In which order the team's people stand: by hand, by name or by crew. */
export function OrderDialog({ scope, onClose }: PlanDialogProps) {
  const { teamId, from } = scope;
  const query = { from, to: from, team_id: teamId };
  const roster = useGet("/api/v1/roster", teamId ? { query } : null);
  return (
    <Dialog title={t("order.title")} onClose={onClose}>
      {teamId ? (
        <Loaded from={roster}>
          {({ users }) => <OrderForm teamId={teamId} users={users} onClose={onClose} />}
        </Loaded>
      ) : (
        <p>{t("order.team")}</p>
      )}
    </Dialog>
  );
}

function OrderForm({ teamId, users, onClose }: { teamId: number; users: Person[]; onClose: () => void }) {
  const team = useTeams().value?.find((each) => each.id === teamId);
  const form = useForm({ people: users }, async ({ people }) => {
    const roster_order = people.map(({ id }) => id);
    await api.patch("/api/v1/teams/{team_id}", { path: { team_id: teamId }, body: { roster_order } });
    showToast(t("order.saved"));
    onClose();
  });
  const { people } = form.values;
  const arrange = (next: Person[]) => form.set({ people: next });
  return (
    <DialogForm of={form} onClose={onClose}>
      <p class="soft">{t("order.text")}</p>
      <p class="form-foot">
        <Button onClick={() => arrange(byName(people))}>{t("order.by_name")}</Button>
        {team && team.crews.length > 0 && (
          <Button onClick={() => arrange(byCrew(people, crewsOf(team.crews)))}>{t("order.by_crew")}</Button>
        )}
      </p>
      <ol class="order-list">
        {people.map((person, index) => (
          <li key={person.id}>
            <Place
              label={t("order.place", { person: person.display_name })}
              value={index + 1}
              last={people.length}
              onValue={(place) => arrange(moved(people, index, place - 1))}
            />
            <span>{person.display_name}</span>
            <IconButton
              icon="up"
              label={t("order.up", { person: person.display_name })}
              disabled={index === 0}
              onClick={() => arrange(moved(people, index, index - 1))}
            />
          </li>
        ))}
      </ol>
    </DialogForm>
  );
}

interface PlaceProps {
  label: string;
  value: number;
  last: number;
  onValue: (place: number) => void;
}

function Place({ label, value, last, onValue }: PlaceProps) {
  const field = useValue(value);
  return (
    <input
      ref={field}
      class="input"
      type="number"
      min={1}
      max={last}
      aria-label={label}
      onChange={(event) => {
        const place = event.currentTarget.valueAsNumber;
        event.currentTarget.value = `${value}`; // unless it moves
        if (Number.isInteger(place)) onValue(place);
      }}
    />
  );
}
