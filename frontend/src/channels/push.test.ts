import { describe, expect, test } from "vitest";
import { type Browser, deviceName, pushStateOf } from "./push";

const GOOD: Browser = {
  isSecure: true,
  hasPush: true,
  isIos: false,
  permission: "granted",
  isSubscribed: true,
};

describe("whether this device can ring", () => {
  test.each<[Partial<Browser>, string]>([
    [{}, "on"],
    [{ isSubscribed: false }, "off"],
    [{ permission: "default" }, "off"],
    [{ permission: "denied" }, "denied"],
    [{ isSecure: false }, "insecure"],
    [{ isSecure: false, hasPush: false, isIos: true }, "insecure"],
    [{ hasPush: false }, "unsupported"],
    [{ hasPush: false, isIos: true }, "install_first"],
    [{ isIos: true, isSubscribed: false }, "off"],
  ])("%j → %s", (differs, state) => {
    expect(pushStateOf({ ...GOOD, ...differs })).toBe(state);
  });
});

test.each([
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604",
    "iPhone",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537 Chrome/130.0 Safari/537 Edg/130.0",
    "Edge · Windows",
  ],
  ["Mozilla/5.0 (Windows NT 10.0; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox · Windows"],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/18.0 Safari/605", "Safari · Mac"],
  ["Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 Chrome/130.0 Mobile Safari/537", "Chrome · Android"],
  ["curl", "Web"],
])("%s is %s", (userAgent, name) => expect(deviceName(userAgent)).toBe(name));
