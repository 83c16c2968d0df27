import type { components } from "../api/schema";
import { listed, translationOf } from "../i18n";
import { now } from "../lib/now";
import { formatDate, formatDateTime } from "../lib/time";
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

/** The name of a field, part by part; what has no words as it is. */
export const fieldName = (path: string): string =>
  path
    .split(".")
    .map((part) => ownTranslation(`field.${part}`) ?? part)
    .join(" · ");

/** How the server tells of a cell of the roster: `王波 2026-11-28：早班 → 空`. */
const CELL = /^(.+) (\d{4}-\d\d-\d\d)：(.*) → (.*)$/;

/** What an entry changed, to be shown line by line: each cell of a roster, whose name is its person and day, and sums where not all are told. */
export function changesOf({ before, after }: Pick<Entry, "before" | "after">): Difference[] {
  const { changes, ...rest } = after ?? {};
  if (!Array.isArray(changes)) return differencesOf(before, after);
  const cells = changes.flatMap((text): Difference[] => {
    const [, name = "", day = "", was, is] = CELL.exec(String(text)) ?? [];
    const shift = (word: string | undefined) => (word === "空" ? null : word);
    return name ? [{ field: `${name} ${formatDate(day)}`, before: shift(was), after: shift(is) }] : [];
  });
  return cells.length === rest.cells ? cells : [...cells, ...differencesOf(before, rest)];
}

/** Whether a change has two sides: something was there, and something is. */
export const isTwoSided = (entry: Pick<Entry, "before" | "after">, { before }: Difference) =>
  before !== undefined || (entry.before !== null && entry.after !== null);

const MOST_IN_LINE = 2;

/** The first changes in one line, before and after; empty where an entry has but one side. */
export function summaryOf(entry: Pick<Entry, "before" | "after">, names: Names): string {
  const all = changesOf(entry).filter((each) => isTwoSided(entry, each));
  const shown = all.slice(0, MOST_IN_LINE).map(({ field, before, after }) =>
    t("audit.became", {
      field: fieldName(field),
      before: formatValue(field, before, names),
      after: formatValue(field, after, names),
    }),
  );
  const more = all.length - shown.length;
  return [...shown, ...(more > 0 ? [t("audit.and_more", { n: more })] : [])].join(t("list.comma_long"));
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
      : listed(value.map((each) => formatValue(field, each, names)));
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
    return formatDateTime(value, now.peek());
  return String(value);
}
