import type { components } from "../api/schema";
import { translationOf } from "../i18n";
import { formatDateTime } from "../lib/time";
import { ownTranslation, t } from "./words";

export type Entry = components["schemas"]["AuditRead"];

/** One field that differs; a side that had no state at all is undefined. */
export interface Difference {
  field: string;
  before: unknown;
  after: unknown;
}

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Nested fields side by side (`policy.clock_in.start`), the same on both sides left out. */
export function differencesOf(before: unknown, after: unknown, path = ""): Difference[] {
  if (isTree(before) || isTree(after)) {
    const names = new Set([...keysOf(before), ...keysOf(after)]);
    return [...names].flatMap((name) =>
      differencesOf(
        isTree(before) ? before[name] : undefined,
        isTree(after) ? after[name] : undefined,
        path ? `${path}.${name}` : name,
      ),
    );
  }
  // Secrets are masked alike on both sides: they are listed because they changed.
  const isMasked = after === "***";
  if (!isMasked && JSON.stringify(before ?? null) === JSON.stringify(after ?? null)) return [];
  return [{ field: path, before, after }];
}

const keysOf = (value: unknown) => (isTree(value) ? Object.keys(value) : []);

/** What happened, in one sentence; the action's own name where there are no words for it. */
export function describeEntry(entry: Entry): string {
  const who = entry.actor_name || t(entry.address ? "audit.nobody" : "audit.system");
  return (
    ownTranslation(`did.${entry.action}`, { who, what: entry.subject_name }) ??
    [who, entry.action, entry.subject_name].filter(Boolean).join(" ")
  );
}

/** The name of a field: of the outermost part that has one, with the rest as it is. */
export function fieldName(path: string): string {
  const [first = "", ...rest] = path.split(".");
  return [ownTranslation(`field.${first}`) ?? first, ...rest].join(" · ");
}

export interface Names {
  team: (id: number) => string | undefined;
  person: (id: number) => string | undefined;
}

const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;

export function formatValue(field: string, value: unknown, names: Names): string {
  if (value === null || value === undefined || value === "") return t("audit.empty_value");
  if (typeof value === "boolean") return t(value ? "audit.yes" : "audit.no");
  if (Array.isArray(value))
    return value.length === 0
      ? t("audit.empty_value")
      : value.map((each) => formatValue(field, each, names)).join("、");
  if (isTree(value))
    return Object.entries(value)
      .map(([name, part]) => `${name} ${formatValue(name, part, names)}`)
      .join(" ");
  if (typeof value === "number") {
    if (field === "team_id") return names.team(value) ?? t("audit.number", { n: value });
    if (field === "user_id" || field === "user_ids")
      return names.person(value) ?? t("audit.number", { n: value });
  }
  if (field === "role") return translationOf(`role.${value}`) ?? String(value);
  if (typeof value === "string" && INSTANT.test(value) && !Number.isNaN(Date.parse(value)))
    return formatDateTime(value);
  return String(value);
}
