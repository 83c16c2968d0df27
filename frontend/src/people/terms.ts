import type { components } from "../api/schema";
import { betweenSentences, listed } from "../i18n";
import type { Shift } from "../shifts/useShifts";
import { t } from "./words";

export type Terms = components["schemas"]["Terms"];

/** What a contract says, in a few words. */
export function termsText(terms: Terms | undefined, shifts: ReadonlyMap<number, Shift>): string {
  const names = (terms?.shift_ids ?? []).map((id) => shifts.get(id)?.name ?? `#${id}`);
  const said: string[] = [];
  if (terms?.shift_ids)
    said.push(names.length > 0 ? t("terms.only", { shifts: listed(names) }) : t("terms.none"));
  if (terms?.least_hours != null) said.push(t("terms.least", { n: terms.least_hours }));
  if (terms?.most_hours != null) said.push(t("terms.most", { n: terms.most_hours }));
  if (terms?.most_days != null) said.push(t("terms.days", { n: terms.most_days }));
  return said.length > 0 ? said.join(betweenSentences()) : t("terms.nothing");
}
