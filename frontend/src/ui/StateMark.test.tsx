import { render } from "preact";
import { beforeEach, expect, test } from "vitest";
import { setLanguage } from "../i18n";
import { MARKS, markOf, SHAPE, StateMark } from "./StateMark";

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

test("the word is there even when it is only heard, and the shape is not read out", () => {
  const root = document.createElement("div");
  render(<StateMark mark="nagging" isShort />, root);
  expect(root.textContent).toBe("提醒中");
  expect(root.querySelector(".only-heard")?.textContent).toBe("提醒中");
  expect(root.querySelector(".shape")?.getAttribute("aria-hidden")).toBe("true");
});
