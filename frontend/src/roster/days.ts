/** 休 on a holiday, 班 on a weekend that is worked for it; ordinary days carry no mark. */
export function dayMark(kind: string | undefined): "off" | "on" | null {
  return kind === "holiday" ? "off" : kind === "makeup_workday" ? "on" : null;
}
