import { useState } from "preact/hooks";
import { api } from "../api/client";
import { problemOf, sayProblem } from "../api/problem";
import { isAdmin } from "../api/session";
import { t } from "../i18n";
import { currentZone } from "../lib/time";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { SelectField, TextField } from "../ui/Field";
import type { Team } from "./People";

interface TeamEditorProps {
  team: Team | null;
  onClose: () => void;
  onSaved: () => void;
}

export function TeamEditor({ team, onClose, onSaved }: TeamEditorProps) {
  const [name, setName] = useState(team?.name ?? "");
  const [timezone, setTimezone] = useState(team?.timezone ?? currentZone());
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const zones = Intl.supportedValuesOf("timeZone");

  async function attempt(work: () => Promise<unknown>) {
    setBusy(true);
    setProblem(null);
    try {
      await work();
      onSaved();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }

  function save(event: Event) {
    event.preventDefault();
    const body = { name: name.trim(), timezone };
    void attempt(() =>
      team
        ? api.patch("/api/v1/teams/{team_id}", { path: { team_id: team.id }, body })
        : api.post("/api/v1/teams", { body }),
    );
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
        <p class="form-problem" role="alert">
          {problem !== null && !problemOf(problem, "name") && sayProblem(problem)}
        </p>
        <footer class="form-foot">
          <Button look="main" type="submit" isBusy={isBusy}>
            {t("action.save")}
          </Button>
          <Button look="quiet" onClick={onClose}>
            {t("action.cancel")}
          </Button>
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
        </footer>
      </form>
    </Dialog>
  );
}
