import { beforeAll, beforeEach, expect, test } from "vitest";
import { setLanguage } from "../i18n";
import { loadErrorWords, Problem, problemOf, problemText } from "./problem";

beforeAll(loadErrorWords);
beforeEach(() => setLanguage("zh"));

const invalid = (loc: (string | number)[], code: string, msg: string) =>
  new Problem(422, { code: "invalid_input", title: "The input is not valid", errors: [{ loc, code, msg }] });

test("a known code is said in the reader's language, with its waiting time", () => {
  expect(problemText(new Problem(401, { code: "wrong_credentials" }))).toBe("用户名或密码不对。");
  expect(problemText(new Problem(429, { code: "too_many_attempts" }, 30))).toBe(
    "尝试太多次了，请等 30 秒再试。",
  );
});

test("what nobody foresaw has the server's words and the request's number, and without words the status's", () => {
  const request_id = "01JDQ";
  const odd = { code: "new_rule", detail: "Two night shifts in a row", request_id };
  expect(problemText(new Problem(409, odd))).toBe("Two night shifts in a row（编号 01JDQ）");
  expect(
    problemText(new Problem(500, { code: "internal_error", title: "An internal error", request_id })),
  ).toMatch(/^服务器内部出错。.*（编号 01JDQ）$/);
  expect(problemText(new Problem(401, { code: "wrong_credentials", request_id }))).toBe("用户名或密码不对。");
  expect(problemText(new Problem(502))).toBe("服务器出错，没有改动任何内容。请稍后再试。");
  expect(problemText(new Problem(0))).toBe("连不上服务器");
});

test("a complaint about a field belongs to that field", () => {
  const short = invalid(["body", "username"], "string_too_short", "String should have at least 2 characters");
  expect(problemOf(short, "username")).toBe("至少 2 个字符。");
  expect(problemOf(short, "name")).toBeNull();
});

test("a limit is said with its number", async () => {
  const few = invalid(
    ["body", "variants"],
    "too_short",
    "List should have at least 1 item after validation, not 0",
  );
  const low = invalid(["body", "n"], "greater_than_equal", "Input should be greater than or equal to -15");
  expect(problemOf(few, "variants")).toBe("至少 1 项。");
  expect(problemOf(low, "n")).toBe("不能小于 -15。");
  await setLanguage("en");
  expect(problemOf(few, "variants")).toBe("At least 1 item.");
  expect(problemOf(low, "n")).toBe("Must be at least -15.");
});

test("a reason that comes in both languages is shown in the reader's", async () => {
  const problem = invalid(["body", "config", "sendkey"], "value_error", "It must begin with SCT or sctp.");
  for (const error of problem.errors)
    error.text = { zh: "应以 SCT 或 sctp 开头。", en: "It must begin with SCT or sctp." };
  expect(problemOf(problem, "sendkey")).toBe("应以 SCT 或 sctp 开头。");
  await setLanguage("en");
  expect(problemOf(problem, "sendkey")).toBe("It must begin with SCT or sctp.");
});

test("a rule of its own is named by its field, and what has no words of ours is English for English readers only", async () => {
  const address = invalid(
    ["body", "config", "webhook_url"],
    "value_error",
    "Value error, must be the robot's address",
  );
  expect(problemOf(address, "webhook_url")).toContain("Webhook");
  const name = invalid(["body", "username"], "string_pattern_mismatch", "String should match pattern '^x$'");
  expect(problemOf(name, "username")).toBe("只能用文字、数字和 . _ @ + -，不能有空格。");
  const form = invalid(["body", "x"], "string_pattern_mismatch", "String should match pattern '^x$'");
  expect(problemOf(form, "x")).toBe("格式不正确。");
  const odd = invalid(["body", "x"], "value_error", "Value error, is odd");
  expect(problemOf(odd, "x")).toBe("内容不正确。");
  const order = invalid(["body", "periods"], "value_error", "Value error, must be in order");
  expect(problemText(order)).toBe("填写的内容有问题，没有保存。时段要按先后排列，一天之内不能重叠。");
  await setLanguage("en");
  expect(problemOf(odd, "x")).toBe("is odd");
});

test("the words of a refusal have its figures", async () => {
  await loadErrorWords();
  const refused = new Problem(409, { code: "too_many_wishes", title: "Conflict", most: 3 });
  expect(problemText(refused)).toBe("最多填 3 天，请先取消别的。");
});
