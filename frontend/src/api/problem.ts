import { signal } from "@preact/signals";
import { betweenSentences, language, localized, type Params, t } from "../i18n";
import { formatDuration } from "../lib/time";

/** A problem with one field. */
export interface FieldProblem {
  loc: (string | number)[];
  code: string;
  msg: string;
  /** The reason by language, where a setting has a rule of its own. */
  text?: { zh: string; en: string };
}

/** The code of an answer that has none of its own. */
const codeOf = (status: number) => (status === 0 ? "offline" : `http_${status}`);

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
  /** Names the request in the server's log. */
  readonly requestId: string;

  constructor(status: number, body: Record<string, unknown> = {}, retryAfterSeconds: number | null = null) {
    const code = typeof body.code === "string" ? body.code : codeOf(status);
    super(code);
    this.status = status;
    this.code = code;
    this.title = typeof body.title === "string" ? body.title : "";
    this.detail = typeof body.detail === "string" ? body.detail : "";
    this.errors = Array.isArray(body.errors) ? (body.errors as FieldProblem[]) : [];
    this.extra = body;
    this.retryAfterSeconds = retryAfterSeconds;
    this.requestId = typeof body.request_id === "string" ? body.request_id : "";
  }
}

const lookup = signal<((code: string, params?: Params) => string | null) | null>(null);

/** The words for problems come after the first load; what is shown before they are there follows. */
export async function loadErrorWords() {
  lookup.value ??= (await import("../errors/words")).errorText;
}

const LONGEST_WAIT_MS = 3000;

/** The words are there, or did not come for a while: a message that is written once is then in the server's English. */
export async function errorWordsReady() {
  const given = new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT_MS));
  if (lookup.value === null) await Promise.race([loadErrorWords().catch(() => undefined), given]);
}

/** What a problem's code means, in the reader's language; null if nobody wrote it down. */
export function wordsFor(code: string, params?: Params): string | null {
  if (lookup.value === null) loadErrorWords().catch(() => undefined);
  return lookup.value?.(code, params) ?? null;
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
      wordsFor(`rule.${field}`) ??
      (language.value === "en" ? words : (wordsFor("field.value_error") ?? words))
    );
  if (problem.code === "string_pattern_mismatch")
    return wordsFor(`rule.${field}`) ?? wordsFor("field.string_pattern_mismatch") ?? words;
  // The limit is the first number of the server's sentence, which is what "at least 3 characters" is about.
  const n = Number(/-?\d+(\.\d+)?/.exec(problem.msg)?.[0] ?? 0);
  return wordsFor(`field.${problem.code}`, { n }) ?? wordsFor(problem.code) ?? words;
}

/** How long to wait: by the second below two minutes, then by the minute. */
function formatWait(seconds: number): string {
  return seconds < 120 ? t("span.seconds", { n: seconds }) : formatDuration(Math.ceil(seconds / 60));
}

/** What the words may name, such as how many are allowed. */
const figuresOf = (error: Problem): Params =>
  Object.fromEntries(
    Object.entries(error.extra).filter((each): each is [string, number] => typeof each[1] === "number"),
  );

const BY_STATUS: Readonly<Record<number, string>> = {
  401: "not_signed_in",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  429: "too_many_requests",
};

/**
 * What happened, in the reader's language; the server's own words where the catalogue has none. What nobody foresaw has the
 * request's number, under which the server's log has the details.
 */
export function problemText(error: unknown): string {
  if (!(error instanceof Problem)) return t("errors.unexpected");
  const params = { ...figuresOf(error), wait: formatWait(error.retryAfterSeconds ?? 0) };
  const [first] = error.errors;
  // A field's problem is more specific than the general code, unless that has a text of its own.
  if (first && first.code !== error.code)
    return `${wordsFor("invalid_input") ?? ""}${betweenSentences()}${fieldProblemText(first)}`.trim();
  if (error.status === 0) return t("errors.offline");
  const known = wordsFor(error.code, params);
  if (known && error.code !== "internal_error") return known;
  const text =
    known ??
    (error.detail || error.title || wordsFor(BY_STATUS[error.status] ?? "", params)) ??
    t(error.status >= 500 ? "errors.server" : "errors.unexpected");
  return error.requestId
    ? `${text}${betweenSentences()}${t("errors.number", { id: error.requestId })}`
    : text;
}

const PASSING_REFUSALS = [0, 401, 408, 425, 429];

/** An answer without a code is not the server's: a gateway or the sign-in page of a network is in between. */
export const isForeign = ({ code, status }: Problem) => code === codeOf(status);

/** Whether asking once more may help: not where the server has refused what was asked for, or where it is gone. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof Problem)) return true;
  return error.status >= 500 || PASSING_REFUSALS.includes(error.status) || isForeign(error);
}

/** The server's complaint about one field of a form. */
export function problemOf(error: unknown, field: string): string | null {
  if (!(error instanceof Problem)) return null;
  if (error.code === "wrong_password" && field === "current_password") return problemText(error);
  const found = error.errors.find((each) => each.loc.at(-1) === field);
  return found ? fieldProblemText(found) : null;
}

/** The complaints about other fields than these. */
export function otherComplaints(error: unknown, shown: ReadonlySet<string>): string {
  if (!(error instanceof Problem)) return "";
  return error.errors
    .filter((each) => !shown.has(String(each.loc.at(-1))))
    .map(fieldProblemText)
    .join(" ");
}
