import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, test } from "vitest";
import { Dialog } from "./Dialog";
import { showToast, Toasts } from "./Toast";

HTMLDialogElement.prototype.showModal ??= () => undefined;
const page = document.createElement("div");
document.body.append(page);
afterEach(() => render(null, page));

const App = ({ dialogs }: { dialogs: string[] }) => (
  <>
    {dialogs.map((title) => (
      <Dialog key={title} title={title} onClose={() => undefined}>
        <p>{title}</p>
      </Dialog>
    ))}
    <Toasts />
  </>
);

test.each([
  ["on the page", [], undefined],
  ["in the dialog", ["one"], "one"],
  ["in the dialog on top", ["one", "two"], "two"],
])("a toast is shown once, where it can be read and pressed: %s", async (_, dialogs, place) => {
  await act(() => render(<App dialogs={dialogs} />, page));
  await act(() => showToast("saved"));
  const shown = page.querySelectorAll(".toast");
  expect(shown).toHaveLength(1);
  expect(shown[0]?.closest("dialog")?.querySelector("h2")?.textContent).toBe(place);
});

test("when the dialog closes, it stays on the page", async () => {
  await act(() => render(<App dialogs={["one"]} />, page));
  await act(() => showToast("sent"));
  await act(() => render(<App dialogs={[]} />, page));
  expect(page.querySelector(".toast")?.closest("dialog")).toBeNull();
  expect(page.textContent).toContain("sent");
});
