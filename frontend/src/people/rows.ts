import type { components } from "../api/schema";
import { t } from "./words";

type RowProblem = components["schemas"]["RowProblem"];

const FIELD = {
  username: () => t("auth.username"),
  display_name: () => t("person.display_name"),
  mobile: () => t("person.mobile"),
  team: () => t("team.one"),
  role: () => t("person.role"),
  dingtalk_userid: () => t("person.dingtalk"),
  wecom_userid: () => t("person.wecom"),
  feishu_userid: () => t("person.feishu"),
} as const;

/** What is wrong with one cell of a file, in the reader's language; the server's own words for what is new. */
export function rowProblemText(problem: RowProblem): string {
  const field = FIELD[problem.field as keyof typeof FIELD]?.() ?? problem.field;
  return t("import.problem", { field, what: whatIsWrong(problem) });
}

function whatIsWrong({ code, msg }: RowProblem): string {
  switch (code) {
    case "unknown_team":
    case "unknown_role":
    case "admins_only":
    case "username_missing":
    case "twice":
    case "userid_taken":
      return t(`row.${code}`);
    case "string_too_short":
      return t("row.too_short");
    case "string_too_long":
      return t("row.too_long");
    case "string_pattern_mismatch":
      return t("row.bad_form");
    default:
      return msg;
  }
}

const FORMULA = /^[=+\-@\t\r]/;

/** CSV that a spreadsheet opens in the right characters; a cell that it would take for a formula is quoted. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => {
    const safe = FORMULA.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `\ufeff${[head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}
