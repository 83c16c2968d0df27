import { useState } from "preact/hooks";
import { api } from "../api/client";
import { isAdmin } from "../api/session";
import type { Team } from "../api/teams";
import { type Language, language, listed } from "../i18n";
import { currentZone } from "../lib/time";
import { zoneChoices } from "../lib/zones";
import { languageChoices } from "../parts/MessageLanguage";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { SelectField, TextField } from "../ui/Field";
import { FormDialog, useForm } from "../ui/Form";
import { TeamPlanners, useTeamPlanners } from "./TeamPlanners";
import { t } from "./words";

interface TeamEditorProps {
  team: Team | null;
  onClose: () => void;
  onSaved: () => void;
}

export function TeamEditor({ team, onClose, onSaved }: TeamEditorProps) {
  const path = { team_id: team?.id ?? 0 };
  const planners = useTeamPlanners(team?.id ?? null);
  const further = planners.value?.planners.filter((each) => !each.belongs).map((each) => each.id) ?? [];
  const initial = {
    name: team?.name ?? "",
    timezone: team?.timezone ?? currentZone(),
    language: team?.language ?? language.value,
    leaveTypes: listed(team?.leave_types ?? []),
    nightStart: team?.night?.start ?? "",
    nightEnd: team?.night?.end ?? "",
    chosen: null as number[] | null,
  };
  const form = useForm(
    initial,
    async ({ name, timezone, language, leaveTypes, nightStart, nightEnd, chosen }) => {
      const leave_types = leaveTypes
        .split(/[、,，;；]/)
        .map((each) => each.trim())
        .filter(Boolean);
      const night =
        nightStart || nightEnd ? { start: nightStart || "22:00", end: nightEnd || "06:00" } : null;
      const body = { name: name.trim(), timezone, language, leave_types, night };
      if (team) await api.patch("/api/v1/teams/{team_id}", { path, body });
      else await api.post("/api/v1/teams", { body });
      if (team && chosen && chosen.toSorted().join() !== further.toSorted().join())
        await api.put("/api/v1/teams/{team_id}/planners", { path, body: { user_ids: chosen } });
      onSaved();
    },
  );
  const { timezone, chosen } = form.values;

  const [isDeleting, setDeleting] = useState(false);
  async function remove() {
    await api.delete("/api/v1/teams/{team_id}", { path });
    onSaved();
  }

  if (team && isDeleting)
    return (
      <Confirm
        title={t("leave.delete_title", { name: team.name })}
        text={t("team.delete_text")}
        action={t("action.delete")}
        isBusy={form.isBusy}
        onClose={() => setDeleting(false)}
        onYes={async () => {
          await form.attempt(remove);
          setDeleting(false);
        }}
      />
    );
  return (
    <FormDialog
      title={team ? team.name : t("team.new")}
      of={form}
      onClose={onClose}
      more={
        team &&
        isAdmin.value && (
          <Button look="quiet" class="apart" onClick={() => setDeleting(true)}>
            {t("action.delete")}
          </Button>
        )
      }
    >
      <TextField label={t("field.name")} required maxLength={80} {...form.field("name")} />
      <SelectField
        label={t("team.zone")}
        hint={t("team.zone_hint")}
        choices={zoneChoices(timezone)}
        {...form.bind("timezone")}
      />
      <SelectField<Language>
        label={t("message_language")}
        hint={t("team.language_hint")}
        choices={languageChoices()}
        {...form.bind("language")}
      />
      <TextField
        label={t("team.leave_types")}
        hint={t("team.leave_types_hint")}
        maxLength={420}
        {...form.bind("leaveTypes")}
      />
      <div class="field">
        <div class="form-row">
          <TextField label={t("team.night_start")} type="time" {...form.bind("nightStart")} />
          <TextField label={t("team.night_end")} type="time" {...form.bind("nightEnd")} />
        </div>
        <p class="note">{t("team.night_hint")}</p>
      </div>
      {team && (
        <TeamPlanners
          from={planners}
          chosen={chosen ?? further}
          onChosen={(next) => form.set({ chosen: next })}
        />
      )}
    </FormDialog>
  );
}
