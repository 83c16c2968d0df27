import type { ComponentChild } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { peopleOf, usePeople } from "../api/people";
import { Problem } from "../api/problem";
import { localized } from "../i18n";
import { attempt } from "../ui/attempt";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { CheckField, type Choice, SelectField, TextField } from "../ui/Field";
import { FormDialog, useForm } from "../ui/Form";
import { showToast } from "../ui/Toast";
import { ConfigInput } from "./ConfigInput";
import {
  type ConfigItem,
  type ConfigKind,
  configFieldsOf,
  initialConfigForm,
  settingsOf,
} from "./configForm";
import { withPeople } from "./peopleTable";
import { configFrom, type VendorId } from "./schema";
import { t } from "./words";

/** What is saved: of an item whose name is fixed only the config counts. */
export interface ConfigEntry {
  name: string;
  kind: string;
  config: Record<string, unknown>;
  is_enabled: boolean;
  owner: number;
}

/** What a test of typed settings showed. */
export interface Tried {
  /** Says to the server that these settings were seen to work; null if they were not. */
  proof: string | null;
  /** What was answered. */
  outcome: ComponentChild;
}

interface ConfigEditorProps {
  item: ConfigItem | null;
  title: string;
  kinds: readonly ConfigKind[];
  /** Whom a new item may belong to; with none there is nothing to choose. */
  owners: { label: string; choices: readonly Choice<number>[]; initial: number };
  /** Only these settings may change; the name and the rest are set elsewhere, as `note` says. */
  fixed?: { fields: readonly string[]; note: string } | null;
  deleteText: string;
  /** More to choose for the test, for this owner. */
  testOptions?: (owner: number) => ComponentChild;
  /** Tests new settings; they are saved only if they work, or if the person insists. */
  tryOut?: (entry: ConfigEntry) => Promise<Tried>;
  save: (entry: ConfigEntry, proof: string | null) => Promise<unknown>;
  remove: (item: ConfigItem) => Promise<unknown>;
  onClose: () => void;
  onSaved: () => void;
}

const linesOf = (table: string) => table.split("\n").filter((line) => line.trim()).length;

/** The editor of everything whose settings follow a schema: channels and punch sources. */
export function ConfigEditor(props: ConfigEditorProps) {
  const { item, kinds, owners, fixed, onClose, onSaved } = props;
  const [isDeleting, setDeleting] = useState(false);
  const [initial] = useState(() => initialConfigForm(item, kinds, owners.initial));
  /** The answer to a test that failed; "" if there was none. */
  const [failed, setFailed] = useState<ComponentChild>(null);
  const form = useForm(initial, async (typed) => {
    if (!isTested) return save(null);
    setFailed("");
    const { proof, outcome } = await (props.tryOut?.(entryOf(typed)) ?? { proof: null, outcome: null });
    if (proof === null) return setFailed(outcome);
    setFailed(null);
    await save(proof);
  });
  const answer = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (failed) answer.current?.scrollIntoView({ block: "center" });
  }, [failed]);
  const { kind, values } = form.values;
  const kindLabel = localized(kinds.find((each) => each.kind === kind)?.labels) ?? kind;
  /** The server would not take these settings, tested or not. */
  const isRefused = form.problem instanceof Problem && form.problem.status === 422;
  const isTested =
    props.tryOut !== undefined &&
    form.values.is_enabled &&
    (item === null || JSON.stringify(values) !== JSON.stringify(initial.values));

  const entryOf = ({ name, values, ...entry }: typeof initial): ConfigEntry => ({
    ...entry,
    name: name.trim() || kindLabel,
    config: configFrom(fields, values, item === null),
  });
  async function save(proof: string | null) {
    await props.save(entryOf(form.values), proof);
    onSaved();
  }
  /** The answer was about other settings. */
  const setConfig = (change: Partial<typeof initial>) => {
    setFailed(null);
    form.set(change);
  };
  const fields = configFieldsOf(kinds.find((each) => each.kind === kind)?.config_schema).filter(
    (field) => !fixed || fixed.fields.includes(field.name),
  );
  const people = usePeople(fields.some((field) => field.kind === "person"));
  const teamId = item ? item.team_id : form.values.owner;
  const fill = async (name: string, profile: VendorId) => {
    const team = teamId ? await peopleOf(teamId) : [];
    form.set((now) => {
      const before = String(now.values[name] || "");
      const after = now.kind === kind ? withPeople(before, team, profile) : before;
      const n = linesOf(after) - linesOf(before);
      showToast(n > 0 ? t("filled", { n }) : t("fill_nothing"));
      return n > 0 ? { values: { ...now.values, [name]: after } } : {};
    });
  };

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
      isBeside
      of={form}
      autocomplete="off"
      action={isTested ? t("test_and_save") : undefined}
      hint={isTested && form.isBusy && t("testing")}
      onClose={onClose}
      more={
        <>
          {isTested && failed !== null && !form.isBusy && !isRefused && (
            <Button look="quiet" onClick={() => void form.attempt(() => save(null))}>
              {t("save_anyway")}
            </Button>
          )}
          {item && !fixed && (
            <Button look="quiet" class="apart" onClick={() => setDeleting(true)}>
              {t("action.delete")}
            </Button>
          )}
        </>
      }
    >
      {!item && (
        <SelectField
          label={t("kind")}
          value={kind}
          choices={kinds.map((each) => ({ value: each.kind, label: localized(each.labels) ?? each.kind }))}
          onValue={(next) => {
            form.setProblem(null);
            setConfig(settingsOf(kinds, next));
          }}
        />
      )}
      {fixed ? (
        <p>{fixed.note}</p>
      ) : (
        <TextField
          label={t("field.name")}
          placeholder={kindLabel}
          required={item !== null}
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
          onValue={(value) => setConfig({ values: { ...values, [field.name]: value } })}
          onFill={
            field.profile && teamId
              ? () => attempt(fill.bind(null, field.name, field.profile as VendorId))
              : undefined
          }
        />
      ))}
      {item && !fixed && <CheckField label={t("enabled")} {...form.bind("is_enabled")} />}
      {isTested && props.testOptions?.(form.values.owner)}
      <div role="status" ref={answer}>
        {failed}
      </div>
    </FormDialog>
  );
}
