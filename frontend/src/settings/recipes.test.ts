import { expect, test } from "vitest";
import { snippetsFor } from "./recipes";

test("everything is filled in", () => {
  const found = snippetsFor("https://daka.example", "daka_abc");
  expect(found.curl).toBe(
    'curl -X POST https://daka.example/api/v1/punches -H "Authorization: Bearer daka_abc"',
  );
  expect(found.askUrl).toBe("https://daka.example/api/v1/punches/current");
  for (const part of [found.askUrl, found.header]) expect(found.python).toContain(part);
});
