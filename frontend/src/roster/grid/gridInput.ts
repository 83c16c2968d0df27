/**
 * The input that holds the focus of an editable grid. A table cell receives no text from an input method, so 早 could not be
 * typed into it, and some browsers paste into inputs only. It lies invisibly over the active cell and carries its label. On
 * touch screens it opens no keyboard.
 */
export function newGridInput(): HTMLInputElement {
  const input = document.createElement("input");
  input.className = "grid-input";
  input.autocomplete = "off";
  input.spellcheck = false;
  input.placeholder = " ";
  input.inputMode = "none";
  input.setAttribute("autocapitalize", "off");
  return input;
}

/** Whether the event belongs to an input outside the grid. */
export function isTypingElsewhere(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return (
    element?.closest?.("input, textarea, select, [contenteditable], dialog") != null &&
    !element.classList.contains("grid-input")
  );
}
