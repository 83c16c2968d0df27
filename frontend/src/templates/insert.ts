/** The text with a variable where the selection was, and the place of the cursor after it. */
export function inserted(
  text: string,
  from: number,
  to: number,
  variable: string,
): [text: string, cursor: number] {
  const start = Math.min(from, text.length);
  const before = `${text.slice(0, start)}{${variable}}`;
  return [before + text.slice(Math.max(start, to)), before.length];
}
