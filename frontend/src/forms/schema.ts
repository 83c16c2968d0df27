import { localized } from "../i18n";

/** The part of JSON Schema that settings use, and the words that the server puts into it. */
export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  titles?: Said;
  descriptions?: Said;
  /** What the values of a choice are called. */
  choices?: Record<string, Said>;
  examples?: unknown[];
  format?: string;
  /** Which of people's vendor ids a table of people holds. */
  profile?: VendorId;
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

/** An id on a person's page. */
export type VendorId = "wecom_userid" | "feishu_userid" | "dingtalk_userid";

type Said = Readonly<Record<string, string>>;

export type FieldKind = "text" | "long" | "number" | "switch" | "choice" | "list" | "person";

export interface ConfigChoice {
  value: string;
  label: string;
}

export interface ConfigField {
  name: string;
  label: string;
  hint: string;
  kind: FieldKind;
  /** For a table of people: the id on their pages that it can be filled from. */
  profile: VendorId | undefined;
  isSecret: boolean;
  isRequired: boolean;
  choices: ConfigChoice[];
  initial: string | number | boolean | null;
  example: string | undefined;
  maxLength: number | undefined;
  minimum: number | undefined;
  maximum: number | undefined;
}

/** What stands in a form. A secret that is `false` is to be cleared. */
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
  if (schema.format === "user-id") return "person";
  const type = Array.isArray(schema.type) ? schema.type.find((each) => each !== "null") : schema.type;
  if (type === "boolean") return "switch";
  if (type === "integer" || type === "number") return "number";
  if (type === "array") return "list";
  return (schema.maxLength ?? 0) > 1000 ? "long" : "text";
}

function initialOf(value: unknown): ConfigField["initial"] {
  if (Array.isArray(value)) return value.join("\n");
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}

/** The form of a kind, made of its schema: a further kind needs no code here. */
export function fieldsOf(root: Schema): ConfigField[] {
  return Object.entries(root.properties ?? {}).map(([name, raw]) => {
    const schema = resolved(raw, root);
    return {
      name,
      label: localized(schema.titles) ?? schema.title ?? name,
      hint: localized(schema.descriptions) ?? raw.description ?? "", // not that of its type, which is for programs
      kind: kindOf(schema),
      profile: schema.profile,
      isSecret: schema.writeOnly === true || schema.format === "password",
      isRequired: root.required?.includes(name) ?? false,
      choices: (schema.enum ?? []).map((value) => ({
        value: String(value),
        label: localized(schema.choices?.[String(value)]) ?? String(value),
      })),
      initial: initialOf(schema.default),
      example: typeof schema.examples?.[0] === "string" ? schema.examples[0] : undefined,
      maxLength: schema.maxLength,
      minimum: schema.minimum,
      maximum: schema.maximum,
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
 * What is sent. An empty secret is left out, which keeps the saved one; `false` clears it, and so do other empty fields.
 * What is new leaves out everything that is empty.
 */
export function configFrom(
  fields: readonly ConfigField[],
  values: Values,
  isNew: boolean,
): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const field of fields) {
    const value = values[field.name] ?? null;
    const isEmpty = value === null || value === "" || (field.isSecret && value === false);
    if (field.isSecret && value === false) config[field.name] = null;
    else if (isEmpty && (field.isSecret || isNew)) continue;
    else if (field.kind === "list")
      config[field.name] = String(value ?? "")
        .split(/[\n,，]/)
        .map((each) => each.trim())
        .filter(Boolean);
    else config[field.name] = isEmpty ? null : value;
  }
  return config;
}
