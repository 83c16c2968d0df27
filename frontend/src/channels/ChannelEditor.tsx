import { useMemo, useState } from "preact/hooks";
import { useAttempt } from "../api/attempt";
import { api } from "../api/client";
import { problemOf, problemText } from "../api/problem";
import { me, plans } from "../api/session";
import type { Team } from "../api/teams";
import { ConfigInput } from "../forms/ConfigInput";
import { configFrom, fieldsOf, type Schema, type Values, valuesFrom } from "../forms/schema";
import { localized } from "../i18n";
import { Button } from "../ui/Button";
import { Confirm, Dialog } from "../ui/Dialog";
import { CheckField, SelectField, TextField } from "../ui/Field";
import { FormFoot } from "../ui/FormFoot";
import type { Channel, Kind } from "./channel";
import { t } from "./words";

interface ChannelEditorProps {
  channel: Channel | null;
  kinds: Kind[];
  teams: Team[];
  onClose: () => void;
  onSaved: () => void;
}

export function ChannelEditor({ channel, kinds, teams, onClose, onSaved }: ChannelEditorProps) {
  const [kind, setKind] = useState(channel?.kind ?? kinds[0]?.kind ?? "");
  const chosen = kinds.find((each) => each.kind === kind);
  const fields = useMemo(() => (chosen ? fieldsOf(chosen.config_schema as Schema) : []), [kind, chosen]);
  const [name, setName] = useState(channel?.name ?? "");
  const [values, setValues] = useState<Values>(() => valuesFrom(fields, channel?.config ?? {}));
  const mayUseTeams = plans.value && teams.length > 0;
  const [team, setTeam] = useState(mayUseTeams ? (me.value?.team_id ?? teams[0]?.id ?? 0) : 0);
  const [isEnabled, setEnabled] = useState(channel?.is_enabled ?? true);
  const [isDeleting, setDeleting] = useState(false);
  const { attempt, isBusy, problem, forget } = useAttempt(onSaved, () => setDeleting(false));

  function save(event: Event) {
    event.preventDefault();
    const config = configFrom(fields, values, channel === null);
    void attempt(() =>
      channel
        ? api.patch("/api/v1/channels/{channel_id}", {
            path: { channel_id: channel.id },
            body: { name: name.trim(), config, is_enabled: isEnabled },
          })
        : api.post("/api/v1/channels", {
            body: { name: name.trim(), kind, config, is_enabled: true, ...(team ? { team_id: team } : {}) },
          }),
    );
  }

  if (channel && channel.user_id === null && channel.team_id === null)
    return (
      <Dialog title={channel.name} onClose={onClose}>
        <p>{t("by_environment", { name: channel.name })}</p>
      </Dialog>
    );

  if (channel && isDeleting)
    return (
      <Confirm
        title={t("delete_title", { name: channel.name })}
        text={t("delete_text")}
        action={t("action.delete")}
        isBusy={isBusy}
        onClose={() => setDeleting(false)}
        onYes={() =>
          void attempt(() =>
            api.delete("/api/v1/channels/{channel_id}", { path: { channel_id: channel.id } }),
          )
        }
      />
    );

  const isExplained = ["name", ...fields.map((field) => field.name)].some((field) =>
    problemOf(problem, field),
  );
  return (
    <Dialog title={channel ? t("edit") : t("new")} onClose={onClose}>
      <form class="form" onSubmit={save} autocomplete="off">
        {!channel && (
          <SelectField
            label={t("kind")}
            value={kind}
            choices={kinds.map((each) => ({
              value: each.kind,
              label: localized(each.labels) ?? each.kind,
            }))}
            onValue={(next) => {
              setKind(next);
              forget();
              const schema = kinds.find((each) => each.kind === next)?.config_schema as Schema | undefined;
              setValues(schema ? valuesFrom(fieldsOf(schema), {}) : {});
            }}
          />
        )}
        <TextField
          label={t("name")}
          placeholder={t("name_example")}
          required
          maxLength={80}
          value={name}
          error={problemOf(problem, "name")}
          onValue={setName}
        />
        {!channel && mayUseTeams && (
          <SelectField
            label={t("owner")}
            value={team}
            choices={[
              ...teams.map((each) => ({ value: each.id, label: each.name })),
              { value: 0, label: t("owner_me") },
            ]}
            onValue={setTeam}
          />
        )}
        {fields.map((field) => (
          <ConfigInput
            key={`${kind} ${field.name}`}
            field={field}
            value={values[field.name] ?? null}
            isSaved={channel?.saved_secrets.includes(field.name) ?? false}
            error={problemOf(problem, field.name)}
            onValue={(value) => setValues({ ...values, [field.name]: value })}
          />
        ))}
        {channel && <CheckField label={t("enabled")} checked={isEnabled} onValue={setEnabled} />}
        <p class="form-problem" role="alert">
          {problem !== null && !isExplained && problemText(problem)}
        </p>
        <FormFoot isBusy={isBusy} onClose={onClose}>
          {channel && (
            <Button look="quiet" class="apart" onClick={() => setDeleting(true)}>
              {t("action.delete")}
            </Button>
          )}
        </FormFoot>
      </form>
    </Dialog>
  );
}
