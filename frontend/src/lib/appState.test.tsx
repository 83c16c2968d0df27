import { render } from "preact";
import { expect, test } from "vitest";
import { AppState, useAppState } from "./appState";

function Page({ onState }: { onState: (state: string[]) => void }) {
  onState(useAppState("page", () => []));
  return null;
}

test("state outlives its page, and belongs to one app", () => {
  const seen: string[][] = [];
  const root = document.createElement("div");
  const show = (state: Map<string, unknown>, isOpen: boolean) =>
    render(
      <AppState.Provider value={state}>
        {isOpen && <Page onState={(found) => seen.push(found)} />}
      </AppState.Provider>,
      root,
    );
  const app = new Map<string, unknown>();
  show(app, true);
  show(app, false);
  show(app, true);
  show(new Map(), true);
  const [first, second, other] = seen;
  expect(second).toBe(first);
  expect(other).not.toBe(first);
});
