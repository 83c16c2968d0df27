/**
 * The clipboard of the copy and paste buttons. A page may use the system's clipboard only over HTTPS and with permission, so
 * what was copied last is kept here too.
 */
export class ClipboardFallback {
  private last = { text: "", isShared: false };

  /** The text is on the system's clipboard already, put there by a copy event. */
  remember(text: string) {
    this.last = { text, isShared: true };
  }

  /** Keeps a text, and puts it on the system's clipboard if that is allowed. */
  async copy(text: string, html: string): Promise<void> {
    this.last = { text, isShared: false };
    const mine = this.last;
    const isShared = await share(text, html);
    if (this.last === mine) this.last = { text, isShared };
  }

  /** The text to paste: from the system's clipboard, unless it cannot be read or never received what was copied last. */
  async read(): Promise<string> {
    if (this.last.text !== "" && !this.last.isShared) return this.last.text;
    try {
      return (await navigator.clipboard.readText()) || this.last.text;
    } catch {
      return this.last.text;
    }
  }
}

/** Whether the system's clipboard took it. */
async function share(text: string, html: string): Promise<boolean> {
  try {
    const kinds = { "text/plain": text, "text/html": html };
    const blobs = Object.entries(kinds).map(([type, content]) => [type, new Blob([content], { type })]);
    await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
    return true;
  } catch {
    return (navigator.clipboard?.writeText(text) ?? Promise.reject()).then(
      () => true,
      () => false,
    );
  }
}
