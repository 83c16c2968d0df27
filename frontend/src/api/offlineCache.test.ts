import { beforeEach, expect, test } from "vitest";
import { cacheAnswer, cachedAnswer, cachedSince, clearOfflineCache, fetchOrCached } from "./offlineCache";
import { Problem } from "./problem";

beforeEach(() => {
  localStorage.clear();
  clearOfflineCache();
});

const away = () => Promise.reject(new Problem(0));

test("what was said last stands in while the server is away, and says from when it is", async () => {
  await fetchOrCached(
    "dashboard",
    async () => ({ mine: "early", team: "others" }),
    (all) => ({ ...all, team: "" }),
  );
  expect(cachedSince.value).toBeNull();
  expect(await fetchOrCached("dashboard", away)).toEqual({ mine: "early", team: "" });
  expect(Date.now() - (cachedSince.value ?? 0)).toBeLessThan(5000);
  await fetchOrCached("dashboard", async () => "late");
  expect(cachedSince.value).toBeNull();
});

test("a refusal of the server is a refusal, and what was never said cannot stand in", async () => {
  cacheAnswer("dashboard", "old");
  const refused = () => Promise.reject(new Problem(403, { code: "forbidden" }));
  await expect(fetchOrCached("dashboard", refused)).rejects.toThrow("forbidden");
  await expect(fetchOrCached("nothing", away)).rejects.toThrow("offline");
  expect(await fetchOrCached("dashboard", () => Promise.reject(new Problem(503)))).toBe("old");
});

test("only the latest answers are kept, and none after one has gone", () => {
  cacheAnswer("me", "Bob");
  for (let month = 1; month <= 20; month++) cacheAnswer(`month ${month}`, month);
  expect(cachedAnswer("month 20")?.value).toBe(20);
  expect(Object.keys(localStorage).length).toBe(13);
  expect(cachedAnswer("me")?.value).toBe("Bob");
  localStorage.setItem("daka.theme", "dark");
  clearOfflineCache();
  expect(Object.keys(localStorage)).toEqual(["daka.theme"]);
});
