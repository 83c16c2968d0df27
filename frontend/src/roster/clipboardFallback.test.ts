import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ClipboardFallback } from "./clipboardFallback";

let fallback: ClipboardFallback;
beforeEach(() => {
  fallback = new ClipboardFallback();
});
afterEach(() => vi.unstubAllGlobals());

/** A system clipboard; `refuses` is what a browser does without permission. */
function systemClipboard({ refuses = "" } = {}) {
  const held = { text: "" };
  const writeText = async (text: string) => {
    if (refuses.includes("write")) throw new Error("NotAllowedError");
    held.text = text;
  };
  const readText = async () => {
    if (refuses.includes("read")) throw new Error("NotAllowedError");
    return held.text;
  };
  vi.stubGlobal("navigator", { clipboard: { writeText, readText } });
  return held;
}

test("what is copied here goes to other programs, and what they copied later is pasted here", async () => {
  const system = systemClipboard();
  await fallback.copy("早\t夜", "<table></table>");
  expect(system.text).toBe("早\t夜");
  expect(await fallback.read()).toBe("早\t夜");
  system.text = "休";
  expect(await fallback.read()).toBe("休");
});

test("without a clipboard for pages, as over plain HTTP, copying within the app still works", async () => {
  vi.stubGlobal("navigator", {});
  await fallback.copy("早", "");
  expect(await fallback.read()).toBe("早");
});

test("a clipboard that cannot be written does not give back something older", async () => {
  const system = systemClipboard({ refuses: "write" });
  system.text = "an address copied yesterday";
  await fallback.copy("夜", "");
  expect(await fallback.read()).toBe("夜");
});

test("when the clipboard cannot be read, what was copied here is pasted, also after copying by key", async () => {
  systemClipboard({ refuses: "read" });
  fallback.remember("中");
  expect(await fallback.read()).toBe("中");
});
