import { fieldsOf, type Schema, type Values, valuesFrom } from "./schema";

/** A kind of channel or punch source, with the schema that its form is made of. */
export interface ConfigKind {
  kind: string;
  labels: Record<string, string>;
  config_schema: unknown;
}

/** What is edited: its settings as the server gives them, secrets left out. */
export interface ConfigItem {
  id: number;
  name: string;
  kind: string;
  config: Record<string, unknown>;
  saved_secrets: string[];
  is_enabled: boolean;
}

export interface ConfigForm {
  kind: string;
  name: string;
  values: Values;
  /** The team it serves; 0 is everybody or only me, as the page says. */
  owner: number;
  isEnabled: boolean;
  isDeleting: boolean;
}

export type ConfigAction =
  | { type: "kind"; kind: string; config_schema: unknown }
  | { type: "value"; name: string; value: Values[string] }
  | { type: "set"; change: Partial<Pick<ConfigForm, "name" | "owner" | "isEnabled" | "isDeleting">> };

export const configFieldsOf = (schema: unknown) => fieldsOf((schema ?? {}) as Schema);

export function initialConfigForm(
  item: ConfigItem | null,
  kinds: readonly ConfigKind[],
  owner: number,
): ConfigForm {
  const kind = item?.kind ?? kinds[0]?.kind ?? "";
  const schema = kinds.find((each) => each.kind === kind)?.config_schema;
  return {
    kind,
    name: item?.name ?? "",
    values: valuesFrom(configFieldsOf(schema), item?.config ?? {}),
    owner,
    isEnabled: item?.is_enabled ?? true,
    isDeleting: false,
  };
}

export function configFormReducer(form: ConfigForm, action: ConfigAction): ConfigForm {
  switch (action.type) {
    case "kind":
      // Another kind has other settings; its name and owner stay.
      return { ...form, kind: action.kind, values: valuesFrom(configFieldsOf(action.config_schema), {}) };
    case "value":
      return { ...form, values: { ...form.values, [action.name]: action.value } };
    case "set":
      return { ...form, ...action.change };
  }
}
