/** `off` (休) for a holiday, `on` (班) for a make-up workday, null for ordinary days. */
export function dayMark(kind: string | undefined): "off" | "on" | null {
  return kind === "holiday" ? "off" : kind === "makeup_workday" ? "on" : null;
}
