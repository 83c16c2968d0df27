import { useMemo, useState } from "preact/hooks";
import { useAttempt } from "../api/attempt";
import { api } from "../api/client";
import { problemOf, problemText } from "../api/problem";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { isAdmin, me } from "../api/session";
import type { Team } from "../api/teams";
import { ConfigInput } from "../forms/ConfigInput";
import { configFrom, fieldsOf, type Schema, type Values, valuesFrom } from "../forms/schema";
import { localized } from "../i18n";
import { Button } from "../ui/Button";
import { Confirm, Dialog } from "../ui/Dialog";
import { CheckField, SelectField, TextField } from "../ui/Field";
import { FormFoot } from "../ui/FormFoot";
import type { Source } from "./source";
import { t } from "./words";

type Kind = components["schemas"]["SourceKindRead"];

const MOST_PEOPLE = 500;

interface SourceEditorProps {
  source: Source | null;
  kinds: Kind[];
  teams: Team[];
  onClose: () => void;
  onSaved: () => void;
}

export function SourceEditor({ source, kinds, teams, onClose, onSaved }: SourceEditorProps) {
  const choosable = kinds.filter((each) => each.is_choosable);
  const [kind, setKind] = useState(source?.kind ?? choosable[0]?.kind ?? "");
  const schema = kinds.find((each) => each.kind === kind)?.config_schema as Schema | undefined;
  const isFixed = source?.is_from_environment ?? false;
  const fields = useMemo(
    () => (schema ? fieldsOf(schema).filter((field) => !isFixed || field.name in CHANGEABLE) : []),
    [schema, isFixed],
  );
  const [name, setName] = useState(source?.name ?? "");
  const [values, setValues] = useState<Values>(() => valuesFrom(fields, source?.config ?? {}));
  const [team, setTeam] = useState(isAdmin.value ? 0 : (me.value?.team_id ?? teams[0]?.id ?? 0));
  const [isEnabled, setEnabled] = useState(source?.is_enabled ?? true);
  const [isDeleting, setDeleting] = useState(false);
  const { attempt, isBusy, problem, forget } = useAttempt(onSaved, () => setDeleting(false));
  const asksForPeople = fields.some((field) => field.kind === "person");
  const people = useResource(`people ${asksForPeople}`, async () =>
    asksForPeople ? (await api.get("/api/v1/users", { query: { limit: MOST_PEOPLE } })).items : [],
  );

  function save(event: Event) {
    event.preventDefault();
    const config = configFrom(fields, values, source === null);
    const changed = isFixed ? { config } : { name: name.trim(), config, is_enabled: isEnabled };
    void attempt(() =>
      source
        ? api.patch("/api/v1/punch-sources/{source_id}", { path: { source_id: source.id }, body: changed })
        : api.post("/api/v1/punch-sources", {
            body: { name: name.trim(), kind, config, is_enabled: true, team_id: team || null },
          }),
    );
  }

  if (source && !source.may_change)
    return (
      <Dialog title={source.name} onClose={onClose}>
        <p>{t("read_only")}</p>
      </Dialog>
    );

  if (source && isDeleting)
    return (
      <Confirm
        title={t("delete_title", { name: source.name })}
        text={t("delete_text")}
        action={t("action.delete")}
        isBusy={isBusy}
        onClose={() => setDeleting(false)}
        onYes={() =>
          void attempt(() =>
            api.delete("/api/v1/punch-sources/{source_id}", { path: { source_id: source.id } }),
          )
        }
      />
    );

  const isExplained = ["name", ...fields.map((field) => field.name)].some((field) =>
    problemOf(problem, field),
  );
  return (
    <Dialog title={source ? t("edit") : t("new")} onClose={onClose}>
      <form class="form" onSubmit={save} autocomplete="off">
        {!source && (
          <SelectField
            label={t("kind")}
            value={kind}
            choices={choosable.map((each) => ({
              value: each.kind,
              label: localized(each.labels) ?? each.kind,
            }))}
            onValue={(next) => {
              setKind(next);
              forget();
              const its = kinds.find((each) => each.kind === next)?.config_schema as Schema | undefined;
              setValues(its ? valuesFrom(fieldsOf(its), {}) : {});
            }}
          />
        )}
        {isFixed ? (
          <p>{t("environment")}</p>
        ) : (
          <TextField
            label={t("name")}
            placeholder={t("name_example")}
            required
            maxLength={80}
            value={name}
            error={problemOf(problem, "name")}
            onValue={setName}
          />
        )}
        {!source && (
          <SelectField
            label={t("owner")}
            value={team}
            choices={[
              ...(isAdmin.value ? [{ value: 0, label: t("everybody") }] : []),
              ...teams.map((each) => ({ value: each.id, label: each.name })),
            ]}
            onValue={setTeam}
          />
        )}
        {fields.map((field) => (
          <ConfigInput
            key={`${kind} ${field.name}`}
            field={field}
            value={values[field.name] ?? null}
            isSaved={source?.saved_secrets.includes(field.name) ?? false}
            people={people.value ?? []}
            error={problemOf(problem, field.name)}
            onValue={(value) => setValues({ ...values, [field.name]: value })}
          />
        ))}
        {source && !isFixed && <CheckField label={t("enabled")} checked={isEnabled} onValue={setEnabled} />}
        <p class="form-problem" role="alert">
          {problem !== null && !isExplained && problemText(problem)}
        </p>
        <FormFoot isBusy={isBusy} onClose={onClose}>
          {source && !isFixed && (
            <Button look="quiet" class="apart" onClick={() => setDeleting(true)}>
              {t("action.delete")}
            </Button>
          )}
        </FormFoot>
      </form>
    </Dialog>
  );
}

/** What of the environment's source may be changed here. */
const CHANGEABLE: Readonly<Record<string, true>> = { user_id: true, monthly_calls: true };
