import type { components } from "../api/schema";
import { t } from "../i18n";
import { formatDuration } from "../lib/time";

export type Policy = components["schemas"]["Policy"];
export type PunchPolicy = components["schemas"]["PunchPolicy"];
export type PunchKind = "clock_in" | "clock_out";
export type Presets = components["schemas"]["Presets"];
export type PresetName = "once" | "nag" | "nag_and_escalate";

export const PRESET_NAMES: readonly PresetName[] = ["once", "nag", "nag_and_escalate"];

/** Equal in everything that is set: a missing part and a null one mean the same. */
function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null)
    return (one ?? null) === (other ?? null);
  const left = one as Record<string, unknown>;
  const right = other as Record<string, unknown>;
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((name) =>
    isSame(left[name], right[name]),
  );
}

export function isSamePolicy(one: Policy, other: Policy): boolean {
  return isSame(one, other);
}

/** Which choice of the form a policy is. */
export function choiceOf(policy: Policy | null, presets: Presets): PresetName | "default" | "own" {
  if (policy === null) return "default";
  return PRESET_NAMES.find((name) => isSamePolicy(policy, presets[name])) ?? "own";
}

/** `上班前 15 分钟`, `下班时`, `下班后 30 分钟` */
function describePoint(kind: PunchKind, minutes: number): string {
  const isIn = kind === "clock_in";
  const span = formatDuration(Math.abs(minutes));
  if (minutes === 0) return t(isIn ? "policy.in_at" : "policy.out_at");
  if (minutes < 0) return t(isIn ? "policy.in_before" : "policy.out_before", { span });
  return t(isIn ? "policy.in_after" : "policy.out_after", { span });
}

/** One punch's policy as a sentence: start, interval, end, escalation. */
export function describePunchPolicy(kind: PunchKind, policy: PunchPolicy): string {
  const start = describePoint(kind, policy.start);
  const first =
    policy.every === null || policy.every === undefined
      ? t("policy.once", { start })
      : t(kind === "clock_in" ? "policy.nag_in" : "policy.nag_out", {
          start,
          every: formatDuration(policy.every),
          until: describePoint(kind, policy.until),
        });
  if (policy.escalate === null || policy.escalate === undefined) return first;
  return t("policy.with_escalation", { first, point: describePoint(kind, policy.escalate) });
}

export function describePolicy(policy: Policy): string {
  return t("policy.both", {
    clock_in: describePunchPolicy("clock_in", policy.clock_in),
    clock_out: describePunchPolicy("clock_out", policy.clock_out),
  });
}
