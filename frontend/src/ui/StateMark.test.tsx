import { render } from "preact";
import { beforeEach, expect, test } from "vitest";
import { setLanguage } from "../i18n";
import { MARKS, markOf, SHAPE, ShapeAndWord, StateMark } from "./StateMark";

beforeEach(() => setLanguage("zh"));

test.each([
  ["scheduled", "waiting"],
  ["nagging", "nagging"],
  ["acknowledged", "done"],
  ["punched", "done"],
  ["skipped", "skipped"],
  ["missed", "missed"],
  ["expired", "missed"],
  ["failed", "missed"],
])("a reminder that is %s is seen as %s", (status, mark) => {
  expect(markOf(status)).toBe(mark);
});

test("every state has its own shape", () => {
  expect(new Set(MARKS.map((mark) => SHAPE[mark])).size).toBe(MARKS.length);
});

test("the word is there even when it is only heard, and the shape is drawn, not read out", () => {
  const root = document.createElement("div");
  render(<ShapeAndWord look="nagging" word="提醒中" isShort />, root);
  expect(root.textContent).toBe("提醒中");
  expect(root.querySelector(".only-heard")?.textContent).toBe("提醒中");
  expect(root.querySelector("svg.shape")?.getAttribute("aria-hidden")).toBe("true");
});

test.each([
  ["skip", "跳过"],
  ["link", "跳过"],
  ["leave", "请假"],
])("a reminder that was ended by %s is headed %s", (ended_by, word) => {
  const root = document.createElement("div");
  render(<StateMark of={{ status: "skipped", ended_by }} />, root);
  expect(root.textContent).toBe(word);
});

/** Arrows, geometric shapes, dingbats, technical signs and emoji that not every system has a glyph for. */
const RARE = /[\u2190-\u2bff\u{1f000}-\u{1faff}]/gu;
/** Every common font has these (WGL4); ⌘ stands only where its keyboard is. */
const COMMON = new Set("←↑→↓▼−⌘");

test("no sign depends on a font", () => {
  const sources = import.meta.glob<string>(["../**/*.{ts,tsx,css}", "!../**/*.test.*", "!../api/schema.ts"], {
    eager: true,
    query: "?raw",
    import: "default",
  });
  const found = Object.entries(sources).flatMap(([path, text]) =>
    [...text.matchAll(RARE)].filter(([sign]) => !COMMON.has(sign)).map(([sign]) => `${path}: ${sign}`),
  );
  expect(Object.keys(sources).length).toBeGreaterThan(100);
  expect(found).toEqual([]);
});
