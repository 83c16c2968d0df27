import { useMemo, useReducer } from "preact/hooks";
import { useAttempt } from "../api/attempt";
import { usePeople } from "../api/people";
import { problemOf } from "../api/problem";
import { localized } from "../i18n";
import { Button } from "../ui/Button";
import { Confirm, Dialog } from "../ui/Dialog";
import { CheckField, SelectField, TextField } from "../ui/Field";
import { FormFoot } from "../ui/FormFoot";
import { FormProblem } from "../ui/FormProblem";
import { ConfigInput } from "./ConfigInput";
import {
  type ConfigItem,
  type ConfigKind,
  configFieldsOf,
  configFormReducer,
  initialConfigForm,
} from "./configForm";
import { configFrom } from "./schema";
import { t } from "./words";

/** What is saved: of an item whose name is fixed only the config counts. */
export interface ConfigEntry {
  name: string;
  kind: string;
  config: Record<string, unknown>;
  is_enabled: boolean;
  owner: number;
}

interface ConfigEditorProps {
  item: ConfigItem | null;
  title: string;
  kinds: readonly ConfigKind[];
  nameExample: string;
  /** Whom a new item may belong to; with none there is nothing to choose. */
  owners: { label: string; choices: readonly { value: number; label: string }[]; initial: number };
  /** Only these settings may change; the name and the rest are set elsewhere, as `note` says. */
  fixed?: { fields: readonly string[]; note: string } | null;
  deleteText: string;
  save: (entry: ConfigEntry) => Promise<unknown>;
  remove: (item: ConfigItem) => Promise<unknown>;
  onClose: () => void;
  onSaved: () => void;
}

/** The editor of everything whose settings follow a schema: channels and punch sources. */
export function ConfigEditor(props: ConfigEditorProps) {
  const { item, kinds, owners, fixed = null, onClose, onSaved } = props;
  const [form, dispatch] = useReducer(configFormReducer, null, () =>
    initialConfigForm(item, kinds, owners.initial),
  );
  const { kind, name, values, owner, isEnabled, isDeleting } = form;
  const schema = kinds.find((each) => each.kind === kind)?.config_schema;
  const fields = useMemo(
    () => configFieldsOf(schema).filter((field) => !fixed || fixed.fields.includes(field.name)),
    [schema, fixed === null],
  );
  const people = usePeople(fields.some((field) => field.kind === "person"));
  const { attempt, isBusy, problem, forget } = useAttempt(onSaved, () =>
    dispatch({ type: "set", change: { isDeleting: false } }),
  );

  if (item && isDeleting)
    return (
      <Confirm
        title={t("delete_title", { name: item.name })}
        text={props.deleteText}
        action={t("action.delete")}
        isBusy={isBusy}
        onClose={() => dispatch({ type: "set", change: { isDeleting: false } })}
        onYes={() => void attempt(() => props.remove(item))}
      />
    );

  const isExplained = ["name", ...fields.map((field) => field.name)].some((field) =>
    problemOf(problem, field),
  );
  return (
    <Dialog title={props.title} onClose={onClose}>
      <form
        class="form"
        autocomplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          const config = configFrom(fields, values, item === null);
          const entry = { name: name.trim(), kind, config, is_enabled: isEnabled, owner };
          void attempt(() => props.save(entry));
        }}
      >
        {!item && (
          <SelectField
            label={t("kind")}
            value={kind}
            choices={kinds.map((each) => ({ value: each.kind, label: localized(each.labels) ?? each.kind }))}
            onValue={(next) => {
              forget();
              const chosen = kinds.find((each) => each.kind === next);
              dispatch({ type: "kind", kind: next, config_schema: chosen?.config_schema });
            }}
          />
        )}
        {fixed ? (
          <p>{fixed.note}</p>
        ) : (
          <TextField
            label={t("name")}
            placeholder={props.nameExample}
            required
            maxLength={80}
            value={name}
            error={problemOf(problem, "name")}
            onValue={(next) => dispatch({ type: "set", change: { name: next } })}
          />
        )}
        {!item && owners.choices.length > 0 && (
          <SelectField
            label={owners.label}
            value={owner}
            choices={owners.choices}
            onValue={(next) => dispatch({ type: "set", change: { owner: next } })}
          />
        )}
        {fields.map((field) => (
          <ConfigInput
            key={`${kind} ${field.name}`}
            field={field}
            value={values[field.name] ?? null}
            isSaved={item?.saved_secrets.includes(field.name) ?? false}
            people={people.value ?? []}
            error={problemOf(problem, field.name)}
            onValue={(value) => dispatch({ type: "value", name: field.name, value })}
          />
        ))}
        {item && !fixed && (
          <CheckField
            label={t("enabled")}
            checked={isEnabled}
            onValue={(next) => dispatch({ type: "set", change: { isEnabled: next } })}
          />
        )}
        <FormProblem problem={problem} isBesideField={isExplained} />
        <FormFoot isBusy={isBusy} onClose={onClose}>
          {item && !fixed && (
            <Button
              look="quiet"
              class="apart"
              onClick={() => dispatch({ type: "set", change: { isDeleting: true } })}
            >
              {t("action.delete")}
            </Button>
          )}
        </FormFoot>
      </form>
    </Dialog>
  );
}
