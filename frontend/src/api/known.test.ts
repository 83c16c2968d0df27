import { beforeEach, expect, test } from "vitest";
import { forgetKnown, keepKnown, lastKnown, remembered, shownFrom } from "./known";
import { Problem } from "./problem";

beforeEach(() => {
  localStorage.clear();
  forgetKnown();
});

const away = () => Promise.reject(new Problem(0));

test("what was said last stands in while the server is away, and says from when it is", async () => {
  await remembered(
    "dashboard",
    async () => ({ mine: "early", team: "others" }),
    (all) => ({ ...all, team: "" }),
  );
  expect(shownFrom.value).toBeNull();
  expect(await remembered("dashboard", away)).toEqual({ mine: "early", team: "" });
  expect(Date.now() - (shownFrom.value ?? 0)).toBeLessThan(5000);
  await remembered("dashboard", async () => "late");
  expect(shownFrom.value).toBeNull();
});

test("a refusal of the server is a refusal, and what was never said cannot stand in", async () => {
  keepKnown("dashboard", "old");
  const refused = () => Promise.reject(new Problem(403, { code: "forbidden" }));
  await expect(remembered("dashboard", refused)).rejects.toThrow("forbidden");
  await expect(remembered("nothing", away)).rejects.toThrow("offline");
  expect(await remembered("dashboard", () => Promise.reject(new Problem(503)))).toBe("old");
});

test("only the latest answers are kept, and none after one has gone", () => {
  keepKnown("me", "Bob");
  for (let month = 1; month <= 20; month++) keepKnown(`month ${month}`, month);
  expect(lastKnown("month 20")?.value).toBe(20);
  expect(Object.keys(localStorage).length).toBe(13);
  expect(lastKnown("me")?.value).toBe("Bob");
  localStorage.setItem("daka.theme", "dark");
  forgetKnown();
  expect(Object.keys(localStorage)).toEqual(["daka.theme"]);
});
