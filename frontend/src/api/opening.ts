/** What came with the session as the page opened (public/theme.js), so that nobody has to ask for it: each answer is taken once. */
const AGES_AFTER_MS = 10_000;
const answers = new Map<string, unknown>();

/** `last_event_id`: the last change that the answers know. */
export function keepOpening(answer: { answers?: Record<string, unknown>; last_event_id?: number | null }) {
  for (const [path, value] of Object.entries(answer.answers ?? {})) answers.set(path, value);
  if (answer.last_event_id != null) answers.set("events", String(answer.last_event_id));
}

/** Whether the page is so young that an answer may be from when it began. */
const isYoung = () => performance.now() < AGES_AFTER_MS;

export function takeOpening<T>(path: string): T | null {
  const value = answers.get(path);
  answers.delete(path);
  return value !== undefined && isYoung() ? (value as T) : null;
}

/** The earliest moment at which an answer that is asked for now may have been given. */
export const askedSince = () => (isYoung() ? performance.timeOrigin : Date.now());
