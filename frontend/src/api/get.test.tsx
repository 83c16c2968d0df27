import { render } from "preact";
import { afterEach, expect, test, vi } from "vitest";
import { useList } from "./get";
import type { Resource } from "./resource";
import type { Team } from "./teams";

afterEach(() => vi.unstubAllGlobals());

test("an answer that says the same renders nothing", async () => {
  let items = [{ id: 1, name: "North" }];
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ items })));
  let teams: Resource<Team[]> | null = null;
  const seen: unknown[] = [];
  function Asker() {
    teams = useList("/api/v1/teams");
    seen.push(teams.value);
    return null;
  }
  const root = document.createElement("div");
  render(<Asker />, root);
  await vi.waitFor(() => expect(seen).toEqual([null, items]));
  const rendered = async () => {
    await (teams as Resource<Team[]> | null)?.reload();
    await new Promise((wake) => setTimeout(wake, 50));
    return seen.length;
  };
  expect(await rendered()).toBe(2);
  items = [{ id: 1, name: "South" }];
  expect(await rendered()).toBe(3);
  render(null, root);
});
