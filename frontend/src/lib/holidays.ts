import { language } from "../i18n";

const NAMES: Readonly<Record<string, string>> = {
  元旦: "New Year's Day",
  春节: "Spring Festival",
  清明: "Qingming",
  劳动: "Labour Day",
  端午: "Dragon Boat Festival",
  中秋: "Mid-Autumn Festival",
  国庆: "National Day",
};
const KNOWN = new RegExp(`(${Object.keys(NAMES).join("|")})节?`, "g");

/** A holiday as the reader calls it. Calendars name the public ones in Chinese; any other name stays as it was given. */
export function holidayName(name: string): string {
  if (language.value === "zh") return name;
  const translated = name.replace(KNOWN, (_, known: string) => NAMES[known] ?? known).replaceAll("、", ", ");
  return /\p{Script=Han}/u.test(translated) ? name : translated;
}
