import { expect, test } from "vitest";
import architecture from "../../../docs/architecture.md?raw";
import { catalogues } from "./testCatalogues";

/** `| shift | 班次 | a kind of work day … |`, from the section Glossary to the end of the page. */
const glossary = [
  ...(architecture.split("## Glossary")[1] ?? "").matchAll(/^\| ([a-z ]+) \| ([^|]+) \| [^|]+ \|$/gm),
].flatMap(([, english = "", terms = ""]) =>
  terms
    .trim()
    .split("、")
    .map((chinese) => ({ english, chinese })),
);

/** What all forms of a term have in common, where that is not the term itself. */
const STEMS: Record<string, string> = {
  escalation: "escalat",
  delivery: "deliver",
  missed: "miss",
  publication: "publi",
};

/** Chinese terms that are also everyday words: 打卡 is what people do, 提醒 what happens to them. */
const EVERYDAY = ["成员", "排班", "提醒", "打卡", "跳过", "回执"];

/** Texts whose English says the same with a pronoun, or as the name of a page. */
const PHRASED_OTHERWISE = new Set([
  "did.team.planners_set",
  "move.text",
  "no_buttons",
  "no_requests_text",
  "owner_server",
  "page.requests",
  "policy.escalate_hint",
  "shift.team",
  "text.channel",
  "today.clock",
  "today.see_log",
]);

/** Other Chinese names for things of the glossary. One thing has one name. */
const OTHER_NAMES = /小组|团队|打卡来源|打卡源|工作进程|漏打卡|调班/;

test("the glossary has its terms in both languages", () => {
  expect(glossary.length).toBeGreaterThan(20);
  expect(glossary.filter(({ chinese }) => !/^[\u4e00-\u9fff]+$/.test(chinese))).toEqual([]);
});

test.each(glossary.filter(({ chinese }) => !EVERYDAY.includes(chinese)))(
  "$chinese is always $english",
  ({ english, chinese }) => {
    const term = new RegExp(STEMS[english] ?? english, "i");
    const others = catalogues.flatMap(([file, { zh, en }]) =>
      Object.entries(zh)
        .filter(([key, text]) => text.includes(chinese) && !PHRASED_OTHERWISE.has(key))
        .filter(([key]) => !term.test(en[key] ?? ""))
        .map(([key, text]) => `${file} ${key}: ${text} ≠ ${en[key]}`),
    );
    expect(others).toEqual([]);
  },
);

test.each(catalogues)("%s: nothing of the glossary has another Chinese name", (_, { zh }) => {
  expect(Object.entries(zh).filter(([, text]) => OTHER_NAMES.test(text))).toEqual([]);
});
