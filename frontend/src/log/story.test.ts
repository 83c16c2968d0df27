import { beforeEach, expect, test } from "vitest";
import { setLanguage } from "../i18n";
import { type Delivery, formatPeople, formatSent, storyOf } from "./story";

beforeEach(() => setLanguage("zh"));

const attempt = (outcome: Delivery["attempts"][number]["outcome"], code: string, message: string) => ({
  at: "2026-11-24T00:45:01Z",
  outcome,
  http_status: 200,
  provider_code: code,
  provider_message: message,
  hint: outcome === "broken_channel" ? "dingtalk_sign" : "",
  hint_text: outcome === "broken_channel" ? { zh: "加签密钥不对。", en: "The secret is wrong." } : null,
  latency_ms: 87,
  is_receipt: false,
});

const delivery: Delivery = {
  id: 1,
  channel_id: 1,
  channel_name: "一车间群",
  channel_kind: "dingtalk_robot",
  occasion: "reminder",
  kind: "clock_in",
  title: "上班打卡",
  people: [],
  recipient: "",
  status: "failed",
  due_at: "2026-11-24T00:45:00Z",
  expires_at: "2026-11-24T01:10:00Z",
  next_attempt_at: null,
  sent_at: null,
  superseded_by: null,
  may_retry: false,
  is_late: false,
  attempts: [attempt("retry", "-1", "system busy"), attempt("broken_channel", "310000", "sign not match")],
};

test("a failed delivery tells when it was due, every answer in the provider's words, and its end", () => {
  const story = storyOf(delivery);
  expect(story.map((moment) => moment.tone)).toEqual(["plain", "wait", "bad", "plain"]);
  expect(story[2]?.title).toBe("第 2 次尝试 · 渠道设置有问题，发不出去");
  expect(story[2]?.words).toBe("310000 sign not match · 87 毫秒");
  expect(story[2]?.remedy).toBe("加签密钥不对。");
});

test("what waited in a channel that was switched off was no attempt", () => {
  const story = storyOf({ ...delivery, attempts: [attempt("bad_message", "channel_off", "switched off")] });
  expect([story[1]?.title, story[1]?.words]).toEqual(["没有发出", "渠道已停用或删除，或它的主人已停用"]);
});

test("HTTP 200 is no answer of the provider, so its code is shown only when there is no other", () => {
  const [, first] = storyOf({ ...delivery, attempts: [attempt("retry", "", "")] });
  expect(first?.words).toBe("HTTP 200 · 87 毫秒");
});

test("a receipt is no attempt: it says whether what was accepted arrived, and what helps", () => {
  const receipt = { ...attempt("broken_channel", "143105", "more than 500 today"), is_receipt: true };
  const story = storyOf({
    ...delivery,
    attempts: [attempt("done", "0", "ok"), receipt, attempt("done", "0", "ok")],
  });
  expect(story.slice(1, 4).map((moment) => [moment.title, moment.tone])).toEqual([
    ["第 1 次尝试 · 服务商已接收", "done"],
    ["回执：没有送达", "bad"],
    ["第 2 次尝试 · 服务商已接收", "done"],
  ]);
  expect(story[2]?.words).toBe("143105 more than 500 today");
  expect(story[2]?.remedy).toBe("加签密钥不对。");
  const [, , arrived] = storyOf({
    ...delivery,
    attempts: [attempt("done", "0", "ok"), { ...receipt, outcome: "done" }],
  });
  expect(arrived).toMatchObject({ title: "回执：已经送达", tone: "done" });
});

test("one line says how late it went out", () => {
  expect(formatSent({ ...delivery, sent_at: "2026-11-24T00:45:00.200Z" })).toBe("+0.2 秒");
  expect(formatSent(delivery)).toBe("未送达");
});

test("many people are one name and a number, and a person is counted once", () => {
  const person = (user_id: number, name: string) => ({ user_id, name });
  expect(formatPeople([person(1, "王波")])).toBe("王波");
  expect(formatPeople([person(1, "王波"), person(1, "王波"), person(2, "李丽"), person(3, "周洲")])).toBe(
    "王波 等 3 人",
  );
});
