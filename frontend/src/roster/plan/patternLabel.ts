import type { components } from "../../api/schema";
import { ownTranslation } from "./words";

type Named = Pick<components["schemas"]["PatternRead"], "id" | "name" | "slots">;

const MOST_SLOTS = 16;

/** A word of a common pattern, such as 夜, in the reader's language. */
export const slotName = (word: string) => ownTranslation(`slot.${word}`) ?? word;

/** A pattern's name and the beginning of its cycle; of a common one in the reader's language. */
export function patternLabel({ id, name, slots }: Named): string {
  const isCommon = id === null;
  const shown = slots.slice(0, MOST_SLOTS).map((slot) => (isCommon ? initial(slotName(slot)) : slot));
  const called = (isCommon && ownTranslation(`common.${name}`)) || name;
  return `${called} · ${shown.join("")}${slots.length > MOST_SLOTS ? "…" : ""}`;
}

const initial = (word: string) => word.charAt(0).toUpperCase();
