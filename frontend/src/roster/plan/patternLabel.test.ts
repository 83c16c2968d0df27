import { afterAll, expect, test } from "vitest";
import { setLanguage } from "../../i18n";
import { patternLabel } from "./patternLabel";

afterAll(() => setLanguage("zh"));

test.each([
  ["zh", null, "做五休二", "班班班班班休休", "做五休二 · 班班班班班休休"],
  ["en", null, "做五休二", "班班班班班休休", "Five days on, two off · DDDDDRR"],
  ["en", null, "四班三倒", "早早中中夜夜休休", "Four crews, three shifts · MMAANNRR"],
  ["en", 7, "车间", "白夜休", "车间 · 白夜休"],
  ["en", null, "新规律", "班休".repeat(9), `新规律 · ${"DR".repeat(8)}…`],
] as const)("in %s, pattern %s %s", async (language, id, name, slots, label) => {
  await setLanguage(language);
  expect(patternLabel({ id, name, slots: [...slots] })).toBe(label);
});
