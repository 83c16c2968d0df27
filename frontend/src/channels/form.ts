import { known, language, t } from "../i18n";
import { FIELDS_IN_ENGLISH } from "./fields.en";

/** The part of JSON Schema that the settings of a channel use. */
export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  format?: string;
  writeOnly?: boolean;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  anyOf?: Schema[];
  allOf?: Schema[];
  $ref?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  $defs?: Record<string, Schema>;
  items?: Schema;
}

export type FieldKind = "text" | "long" | "number" | "switch" | "choice" | "list";

export interface ConfigField {
  name: string;
  label: string;
  hint: string;
  kind: FieldKind;
  isSecret: boolean;
  isRequired: boolean;
  choices: string[];
  initial: string | number | boolean | null;
  maxLength: number | undefined;
}

export type Values = Record<string, string | number | boolean | null>;

function resolved(schema: Schema, root: Schema): Schema {
  const name = schema.$ref?.split("/").at(-1);
  const base = name ? { ...root.$defs?.[name], ...schema, $ref: undefined } : schema;
  const variants = [...(base.anyOf ?? []), ...(base.allOf ?? [])].filter((each) => each.type !== "null");
  const [only] = variants;
  if (!only) return base;
  const { anyOf: _, allOf: __, ...outer } = base;
  return { ...resolved(only, root), ...outer };
}

function kindOf(schema: Schema): FieldKind {
  if (schema.enum) return "choice";
  const type = Array.isArray(schema.type) ? schema.type.find((each) => each !== "null") : schema.type;
  if (type === "boolean") return "switch";
  if (type === "integer" || type === "number") return "number";
  if (type === "array") return "list";
  return (schema.maxLength ?? 0) > 1000 ? "long" : "text";
}

/** The form of a kind of channel, made of its schema: a further kind needs no code here. */
export function fieldsOf(kind: string, root: Schema): ConfigField[] {
  return Object.entries(root.properties ?? {}).map(([name, raw]) => {
    const schema = resolved(raw, root);
    const initial = schema.default;
    const [label, hint] = (language.value === "en" && FIELDS_IN_ENGLISH[`${kind}.${name}`]) || [];
    return {
      name,
      label: known(`field.${kind}.${name}`) ?? label ?? schema.title ?? name,
      hint: known(`field.${kind}.${name}.hint`) ?? (label ? (hint ?? "") : (schema.description ?? "")),
      kind: kindOf(schema),
      isSecret: schema.writeOnly === true || schema.format === "password",
      isRequired: root.required?.includes(name) ?? false,
      choices: (schema.enum ?? []).map(String),
      initial:
        typeof initial === "string" || typeof initial === "number" || typeof initial === "boolean"
          ? initial
          : null,
      maxLength: schema.maxLength,
    };
  });
}

export function valuesFrom(fields: readonly ConfigField[], saved: Record<string, unknown>): Values {
  return Object.fromEntries(
    fields.map((field) => {
      const value = field.isSecret ? null : (saved[field.name] ?? field.initial);
      if (Array.isArray(value)) return [field.name, value.join("\n")];
      return [
        field.name,
        typeof value === "object" || value === undefined ? null : (value as Values[string]),
      ];
    }),
  );
}

/**
 * What is sent. An empty secret is left out, which keeps the saved one; other empty fields are null, which clears them.
 * A new channel leaves out everything that is empty.
 */
export function configFrom(
  fields: readonly ConfigField[],
  values: Values,
  isNew: boolean,
): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const field of fields) {
    const value = values[field.name] ?? null;
    const isEmpty = value === null || value === "";
    if (isEmpty && (field.isSecret || isNew)) continue;
    if (field.kind === "list")
      config[field.name] = String(value ?? "")
        .split(/[\n,，]/)
        .map((each) => each.trim())
        .filter(Boolean);
    else config[field.name] = isEmpty ? null : value;
  }
  return config;
}

export function sayKind(kind: string, labels: Record<string, string> | undefined, language: string): string {
  return labels?.[language] ?? labels?.zh ?? known(`kind.${kind}`) ?? kind;
}

/** What to do about it: our words, or the server's for what is newer than this page. */
export function sayHint(
  hint: string | null | undefined,
  text?: Readonly<Record<"zh" | "en", string>> | null,
): string | null {
  return hint ? (known(`hint.${hint}`) ?? text?.[language.value] ?? hint) : null;
}

export function sayOutcome(outcome: string): string {
  return known(`outcome.${outcome}`) ?? t("outcome.retry");
}
