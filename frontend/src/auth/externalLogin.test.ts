import { afterEach, expect, test } from "vitest";
import { providerName, takeChallenge } from "./externalLogin";

afterEach(() => history.replaceState(null, "", "/"));

test("the second step that is due is taken once and leaves nothing in the address", () => {
  history.replaceState(null, "", "/roster?day=2026-11-25#second_factor=eyJh.eyJz-_.x1");
  expect(takeChallenge()).toBe("eyJh.eyJz-_.x1");
  expect(location.pathname + location.search + location.hash).toBe("/roster?day=2026-11-25");
  expect(takeChallenge()).toBeNull();
});

test.each(["#", "#second_factor=", "#second_factor=a b", "#other=x", "#second_factor=x&y"])(
  "%s is no second step and stays",
  (hash) => {
    history.replaceState(null, "", `/${hash}`);
    expect(takeChallenge()).toBeNull();
  },
);

test("each way to sign in has its name in the reader's language, or the operator's own", () => {
  expect(providerName({ provider: "dingtalk", label: null })).toBe("钉钉");
  expect(providerName({ provider: "feishu", label: null })).toBe("飞书");
  expect(providerName({ provider: "oidc", label: null })).toBe("公司账号");
  expect(providerName({ provider: "oidc", label: "Acme ID" })).toBe("Acme ID");
});
