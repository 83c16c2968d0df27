/**
 * The field that holds the focus of an editable grid. A table cell takes no input method, so 早 could not be typed into it,
 * and some browsers paste into fields only. It lies unseen over the active cell and carries its name. On touch screens it
 * asks for no keyboard.
 */
export function newCatcher(): HTMLInputElement {
  const field = document.createElement("input");
  field.className = "catcher";
  field.autocomplete = "off";
  field.spellcheck = false;
  field.placeholder = " ";
  field.inputMode = "none";
  field.setAttribute("autocapitalize", "off");
  return field;
}

/** Whether typing goes elsewhere: into a field that is not the grid's own. */
export function isTypingElsewhere(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return (
    element?.closest?.("input, textarea, select, [contenteditable], dialog") != null &&
    !element.classList.contains("catcher")
  );
}
