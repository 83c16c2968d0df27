import { type Key, language, localized, t, translationOf } from "../i18n";
import { formatDuration } from "../lib/time";

/** A problem with one field. */
export interface FieldProblem {
  loc: (string | number)[];
  code: string;
  msg: string;
  /** The reason by language, where a setting has a rule of its own. */
  text?: { zh: string; en: string };
}

/** An answer that is not a success, in the shape of RFC 9457, or the network's silence (status 0). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: FieldProblem[];
  /** The rest of the answer: the changed cells of a stale roster, for example. */
  readonly extra: Record<string, unknown>;
  readonly retryAfterSeconds: number | null;

  constructor(status: number, body: Record<string, unknown> = {}, retryAfterSeconds: number | null = null) {
    const code = typeof body.code === "string" ? body.code : status === 0 ? "offline" : `http_${status}`;
    super(code);
    this.status = status;
    this.code = code;
    this.title = typeof body.title === "string" ? body.title : "";
    this.detail = typeof body.detail === "string" ? body.detail : "";
    this.errors = Array.isArray(body.errors) ? (body.errors as FieldProblem[]) : [];
    this.extra = body;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * One complaint in the reader's language: the server's own words where a rule brings them in both languages, else by the type
 * of the error. Other rules are named by their field, or else shown in the server's English.
 */
function fieldProblemText(problem: FieldProblem): string {
  const field = problem.loc.filter((part) => typeof part === "string").at(-1);
  if (problem.text) return localized(problem.text) ?? problem.msg;
  const words = problem.msg.replace(/^Value error, /, "");
  if (problem.code === "value_error")
    return (
      translationOf(`errors.rule.${field}`) ??
      (language.value === "en" ? words : t("errors.field.value_error"))
    );
  // The limit is the first number of the server's sentence, which is what "at least 3 characters" is about.
  const n = Number(/-?\d+(\.\d+)?/.exec(problem.msg)?.[0] ?? 0);
  return (
    translationOf(`errors.field.${problem.code}`, { n }) ?? translationOf(`errors.${problem.code}`) ?? words
  );
}

/** How long to wait: by the second below two minutes, then by the minute. */
function formatWait(seconds: number): string {
  return seconds < 120 ? t("span.seconds", { n: seconds }) : formatDuration(Math.ceil(seconds / 60));
}

/** What happened, in the reader's language; the server's own words where the catalogue has none. */
export function problemText(error: unknown): string {
  if (!(error instanceof Problem)) return t("errors.unexpected");
  const params = { wait: formatWait(error.retryAfterSeconds ?? 0) };
  const [first] = error.errors;
  // A field's problem is more specific than the general code, unless that has a text of its own.
  if (first && first.code !== error.code) return `${t("errors.invalid_input")} ${fieldProblemText(first)}`;
  const translated = translationOf(`errors.${error.code}`, params);
  if (translated) return translated;
  if (error.detail || error.title) return error.detail || error.title;
  const byStatus: Record<number, Key> = {
    401: "errors.not_signed_in",
    403: "errors.forbidden",
    404: "errors.not_found",
    409: "errors.conflict",
    429: "errors.too_many_requests",
  };
  return t(byStatus[error.status] ?? (error.status >= 500 ? "errors.server" : "errors.unexpected"), params);
}

/** The server's complaint about one field of a form. */
export function problemOf(error: unknown, field: string): string | null {
  if (!(error instanceof Problem)) return null;
  if (error.code === "wrong_password" && field === "current_password") return problemText(error);
  const found = error.errors.find((each) => each.loc.at(-1) === field);
  return found ? fieldProblemText(found) : null;
}
