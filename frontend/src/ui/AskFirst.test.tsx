import { render } from "preact";
import { act } from "preact/test-utils";
import { beforeEach, expect, test, vi } from "vitest";
import { setLanguage } from "../i18n";
import { AskFirst } from "./AskFirst";

beforeEach(() => setLanguage("en"));

async function press(root: HTMLElement, selector: string) {
  await act(() => root.querySelector<HTMLElement>(selector)?.click());
}

test("nothing is done before the answer, and once however often it is given", async () => {
  HTMLDialogElement.prototype.showModal ??= () => undefined;
  const root = document.createElement("div");
  document.body.append(root);
  const finish: (() => void)[] = [];
  const revoke = vi.fn(() => new Promise<void>((resolve) => finish.push(resolve)));
  render(<AskFirst label="Revoke" name="Revoke “Phone”" text="It stops working." onYes={revoke} />, root);

  await press(root, "button");
  expect(root.querySelector("h2")?.textContent).toBe("Revoke “Phone”?");
  expect(root.querySelector("dialog p")?.textContent).toBe("It stops working.");
  await press(root, "footer .quiet");
  expect(root.querySelector("dialog")).toBeNull();
  expect(revoke).not.toHaveBeenCalled();

  await press(root, "button");
  await press(root, "footer .main");
  await press(root, "footer .main");
  expect(revoke).toHaveBeenCalledOnce();
  finish[0]?.();
  await vi.waitFor(() => expect(root.querySelector("dialog")).toBeNull());
});
