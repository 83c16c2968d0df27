import { createLookup, type Words } from "../i18n";
import type { Choice } from "../ui/Field";

/** The leave types that every team has. A team's own are stored by their names. */
const words = {
  annual: ["年假", "Annual leave"],
  sick: ["病假", "Sick leave"],
  personal: ["事假", "Personal leave"],
  time_off: ["调休", "Time off in lieu"],
  marriage: ["婚假", "Marriage leave"],
  maternity: ["产假", "Maternity leave"],
  paternity: ["陪产假", "Paternity leave"],
  childcare: ["育儿假", "Childcare leave"],
  bereavement: ["丧假", "Bereavement leave"],
  injury: ["工伤假", "Injury leave"],
} satisfies Words;

const known = createLookup(words);

export const leaveTypeName = (type: string) => known(type) ?? type;

/** The types to choose from for people of one team. */
export const leaveTypeChoices = (own: readonly string[]): Choice<string>[] =>
  [...Object.keys(words), ...own].map((type) => ({ value: type, label: leaveTypeName(type) }));
