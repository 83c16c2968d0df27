import { fieldsOf, type Schema, valuesFrom } from "./schema";

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
  team_id?: number | null;
}

export const configFieldsOf = (schema: unknown) => fieldsOf((schema ?? {}) as Schema);

/** What changes with the kind: other settings, filled with what is saved. */
export function settingsOf(kinds: readonly ConfigKind[], kind: string, saved: Record<string, unknown> = {}) {
  const schema = kinds.find((each) => each.kind === kind)?.config_schema;
  return { kind, values: valuesFrom(configFieldsOf(schema), saved) };
}

/** `owner` is the team it serves; 0 is everybody or only me, as the page says. */
export const initialConfigForm = (item: ConfigItem | null, kinds: readonly ConfigKind[], owner: number) => ({
  ...settingsOf(kinds, item?.kind ?? kinds[0]?.kind ?? "", item?.config),
  name: item?.name ?? "",
  owner,
  is_enabled: item?.is_enabled ?? true,
});
