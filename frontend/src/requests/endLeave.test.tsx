import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { showToast, Toasts } from "../ui/Toast";
import { endLeave, toastOf } from "./useRequests";

const page = document.createElement("div");
document.body.append(page);
beforeEach(() => act(() => render(<Toasts />, page)));
afterEach(() => {
  render(null, page);
  vi.unstubAllGlobals();
});

test.each([
  ["taken back", 204, undefined, false],
  ["gone already", 404, "leave_not_found", false],
  ["not to be taken back", 403, "not_yours", true],
])("leave that is %s: what offers to take it back", async (_, status, code, stays) => {
  const body = status === 204 ? null : JSON.stringify({ code });
  vi.stubGlobal("fetch", async () => new Response(body, { status }));
  const offer = { label: "undo", run: () => undefined };
  await act(() => showToast("saved", { id: toastOf({ id: 7 }), action: offer }));
  await act(() => showToast("another", { id: toastOf({ id: 8 }), action: offer }));
  await act(() => endLeave({ id: 7 }));
  const offers = [...page.querySelectorAll(".toast")].filter((each) => each.textContent?.includes("undo"));
  expect(offers.map((each) => each.querySelector("p")?.textContent)).toEqual(
    stays ? ["saved", "another"] : ["another"],
  );
});
