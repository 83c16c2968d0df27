/**
 * What was copied by a button. Pages may use the system's clipboard only over https and only if they are allowed to, so the
 * app has a pocket of its own beside it.
 */
let pocket = { text: "", isShared: false };

/** The words are on the system's clipboard already, by an event of the browser's own. */
export function keepCopied(text: string) {
  pocket = { text, isShared: true };
}

/** Puts words into the pocket, and on the system's clipboard too where that may be. */
export async function copyOut(text: string, html: string): Promise<void> {
  pocket = { text, isShared: false };
  const mine = pocket;
  const isShared = await shared(text, html);
  if (pocket === mine) pocket = { text, isShared };
}

async function shared(text: string, html: string): Promise<boolean> {
  try {
    const kinds = { "text/plain": text, "text/html": html };
    const blobs = Object.entries(kinds).map(([type, words]) => [type, new Blob([words], { type })]);
    await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
    return true;
  } catch {
    return (navigator.clipboard?.writeText(text) ?? Promise.reject()).then(
      () => true,
      () => false,
    );
  }
}

/** What is to be pasted: the system's clipboard, unless it may not be read or does not have what was copied last. */
export async function pasteIn(): Promise<string> {
  if (pocket.text !== "" && !pocket.isShared) return pocket.text;
  try {
    return (await navigator.clipboard.readText()) || pocket.text;
  } catch {
    return pocket.text;
  }
}
