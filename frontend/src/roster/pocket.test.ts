import { afterEach, expect, test, vi } from "vitest";
import { copyOut, keepCopied, pasteIn } from "./pocket";

afterEach(() => vi.unstubAllGlobals());

/** A system clipboard; `refuses` is what a browser does without permission. */
function clipboard({ refuses = "" } = {}) {
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
  const system = clipboard();
  await copyOut("早\t夜", "<table></table>");
  expect(system.text).toBe("早\t夜");
  expect(await pasteIn()).toBe("早\t夜");
  system.text = "休";
  expect(await pasteIn()).toBe("休");
});

test("without a clipboard for pages, as over plain http, copying within the app still works", async () => {
  vi.stubGlobal("navigator", {});
  await copyOut("早", "");
  expect(await pasteIn()).toBe("早");
});

test("a clipboard that takes nothing does not give back something older", async () => {
  const system = clipboard({ refuses: "write" });
  system.text = "an address copied yesterday";
  await copyOut("夜", "");
  expect(await pasteIn()).toBe("夜");
});

test("a clipboard that may not be read leaves what was copied here, also by keys", async () => {
  clipboard({ refuses: "read" });
  keepCopied("中");
  expect(await pasteIn()).toBe("中");
});
