import { useState } from "preact/hooks";
import { useAttempt } from "../api/attempt";
import { api } from "../api/client";
import { problemOf } from "../api/problem";
import { isAdmin } from "../api/session";
import type { Team } from "../api/teams";
import { t } from "../i18n";
import { currentZone } from "../lib/time";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { SelectField, TextField } from "../ui/Field";
import { FormFoot } from "../ui/FormFoot";
import { FormProblem } from "../ui/FormProblem";
import { TeamPlanners, useTeamPlanners } from "./TeamPlanners";

interface TeamEditorProps {
  team: Team | null;
  onClose: () => void;
  onSaved: () => void;
}

export function TeamEditor({ team, onClose, onSaved }: TeamEditorProps) {
  const [name, setName] = useState(team?.name ?? "");
  const [timezone, setTimezone] = useState(team?.timezone ?? currentZone());
  const planners = useTeamPlanners(team?.id ?? null);
  const further = planners.value?.planners.filter((each) => !each.belongs).map((each) => each.id) ?? [];
  const [chosen, setChosen] = useState<number[] | null>(null);
  const { attempt, isBusy, problem } = useAttempt(onSaved);
  const zones = Intl.supportedValuesOf("timeZone");

  function save(event: Event) {
    event.preventDefault();
    const body = { name: name.trim(), timezone };
    void attempt(async () => {
      if (!team) return api.post("/api/v1/teams", { body });
      const path = { team_id: team.id };
      await api.patch("/api/v1/teams/{team_id}", { path, body });
      if (chosen && chosen.toSorted().join() !== further.toSorted().join())
        await api.put("/api/v1/teams/{team_id}/planners", { path, body: { user_ids: chosen } });
    });
  }

  return (
    <Dialog title={team ? team.name : t("team.new")} onClose={onClose}>
      <form class="form" onSubmit={save}>
        <TextField
          label={t("shift.name")}
          required
          maxLength={80}
          value={name}
          error={problemOf(problem, "name")}
          onValue={setName}
        />
        <SelectField
          label={t("team.zone")}
          hint={t("team.zone_hint")}
          value={timezone}
          choices={[...new Set([timezone, ...zones])].map((zone) => ({ value: zone, label: zone }))}
          onValue={setTimezone}
        />
        {team && <TeamPlanners from={planners} chosen={chosen ?? further} onChosen={setChosen} />}
        <FormProblem problem={problem} isBesideField={problemOf(problem, "name") !== null} />
        <FormFoot isBusy={isBusy} onClose={onClose}>
          {team && isAdmin.value && (
            <Button
              look="quiet"
              class="apart"
              isBusy={isBusy}
              onClick={() =>
                void attempt(() => api.delete("/api/v1/teams/{team_id}", { path: { team_id: team.id } }))
              }
            >
              {t("action.delete")}
            </Button>
          )}
        </FormFoot>
      </form>
    </Dialog>
  );
}
