import { expect, test } from "vitest";
import { fill, setLanguage, t } from ".";
import { catalogues } from "./testCatalogues";

const parameters = (words: string) => [...new Set(words.match(/\{\w+\}/g) ?? [])].sort();

test.each(catalogues)("%s: both languages have the same keys and the same parameters", (_, { zh, en }) => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
  for (const [key, words] of Object.entries(zh)) {
    expect(parameters(en[key] ?? ""), key).toEqual(parameters(words));
    expect(en[key]?.trim(), key).not.toBe("");
    expect(words.trim(), key).not.toBe("");
  }
});

test.each(catalogues)("%s: nothing is successfully done", (_, { zh, en }) => {
  expect(Object.values(en).filter((words) => /success/i.test(words))).toEqual([]);
  expect(Object.values(zh).filter((words) => words.includes("成功"))).toEqual([]);
});

test("a plural is taken by n", () => {
  expect(fill("{n} day | {n} days", { n: 1 }, "en")).toBe("1 day");
  expect(fill("{n} day | {n} days", { n: 2 }, "en")).toBe("2 days");
  expect(fill("Valid until {when}.", { when: "Tomorrow 12:38" }, "en")).toBe("Valid until tomorrow 12:38.");
  expect(fill("{when} {who}", { when: "Today", who: "Ann" }, "en")).toBe("Today Ann");
  expect(fill("It failed. {when} again.", { when: "Tomorrow" }, "en")).toBe("It failed. Tomorrow again.");
  expect(fill("hello {name}, {missing}", { name: "Alice" }, "en")).toBe("hello Alice, {missing}");
});

test("the language of the document follows", async () => {
  await setLanguage("en");
  expect(document.documentElement.lang).toBe("en");
  expect(t("page.today")).toBe("Today");
  await setLanguage("zh");
  expect(document.documentElement.lang).toBe("zh-CN");
  expect(t("page.today")).toBe("今天");
});
