import { useState } from "preact/hooks";
import { usePeople } from "../api/people";
import { localized } from "../i18n";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { CheckField, type Choice, SelectField, TextField } from "../ui/Field";
import { FormDialog, useForm } from "../ui/Form";
import { ConfigInput } from "./ConfigInput";
import {
  type ConfigItem,
  type ConfigKind,
  configFieldsOf,
  initialConfigForm,
  settingsOf,
} from "./configForm";
import { configFrom } from "./schema";
import { t } from "./words";

/** What is saved: of an item whose name is fixed only the config counts. */
interface ConfigEntry {
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
  owners: { label: string; choices: readonly Choice<number>[]; initial: number };
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
  const { item, kinds, owners, fixed, onClose, onSaved } = props;
  const [isDeleting, setDeleting] = useState(false);
  const form = useForm(
    () => initialConfigForm(item, kinds, owners.initial),
    async ({ name, values, ...entry }) => {
      const config = configFrom(fields, values, item === null);
      await props.save({ ...entry, name: name.trim(), config });
      onSaved();
    },
  );
  const { kind, values } = form.values;
  const fields = configFieldsOf(kinds.find((each) => each.kind === kind)?.config_schema).filter(
    (field) => !fixed || fixed.fields.includes(field.name),
  );
  const people = usePeople(fields.some((field) => field.kind === "person"));

  if (item && isDeleting)
    return (
      <Confirm
        title={t("delete_title", { name: item.name })}
        text={props.deleteText}
        action={t("action.delete")}
        isBusy={form.isBusy}
        onClose={() => setDeleting(false)}
        onYes={async () => {
          await form.attempt(async () => {
            await props.remove(item);
            onSaved();
          });
          setDeleting(false);
        }}
      />
    );
  return (
    <FormDialog
      title={props.title}
      of={form}
      autocomplete="off"
      onClose={onClose}
      more={
        item &&
        !fixed && (
          <Button look="quiet" class="apart" onClick={() => setDeleting(true)}>
            {t("action.delete")}
          </Button>
        )
      }
    >
      {!item && (
        <SelectField
          label={t("kind")}
          value={kind}
          choices={kinds.map((each) => ({ value: each.kind, label: localized(each.labels) ?? each.kind }))}
          onValue={(next) => {
            form.setProblem(null);
            form.set(settingsOf(kinds, next));
          }}
        />
      )}
      {fixed ? (
        <p>{fixed.note}</p>
      ) : (
        <TextField
          label={t("field.name")}
          placeholder={props.nameExample}
          required
          maxLength={80}
          {...form.field("name")}
        />
      )}
      {!item && owners.choices.length > 0 && (
        <SelectField label={owners.label} choices={owners.choices} {...form.bind("owner")} />
      )}
      {fields.map((field) => (
        <ConfigInput
          key={`${kind} ${field.name}`}
          field={field}
          value={values[field.name] ?? null}
          isSaved={item?.saved_secrets.includes(field.name) ?? false}
          people={people.value ?? []}
          error={form.errorOf(field.name)}
          onValue={(value) => form.set({ values: { ...values, [field.name]: value } })}
        />
      ))}
      {item && !fixed && <CheckField label={t("enabled")} {...form.bind("is_enabled")} />}
    </FormDialog>
  );
}
