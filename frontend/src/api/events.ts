import { signal } from "@preact/signals";
import { send } from "./client";
import { takeOpening } from "./opening";

export type EventName =
  | "reminder"
  | "delivery"
  | "roster"
  | "draft"
  | "shift"
  | "punch"
  | "channel"
  | "inbox"
  | "proposal"
  | "scheduler";

export interface ServerEvent {
  name: string;
  id: string | null;
  data: string;
}

/** Cuts a stream of text into server-sent events; keeps what is not complete yet. */
export class EventReader {
  private rest = "";
  private name = "message";
  private id: string | null = null;
  private lines: string[] = [];

  read(chunk: string): ServerEvent[] {
    this.rest += chunk;
    const events: ServerEvent[] = [];
    const lines = this.rest.split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (this.lines.length > 0) events.push({ name: this.name, id: this.id, data: this.lines.join("\n") });
        this.name = "message";
        this.lines = [];
        continue;
      }
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "event") this.name = value;
      else if (field === "data") this.lines.push(value);
      else if (field === "id") this.id = value;
    }
    return events;
  }
}

/** False while the connection is down: the page then warns that it may be out of date. */
export const isLive = signal(true);

/** Whether events come in now; those before it opened may come as one. */
export const isOpen = signal(false);

type Listener = (event: ServerEvent) => void;
const listeners = new Map<Listener, ReadonlySet<string>>();

/** Calls `listener` on these events, and once after each reconnection, because something may have been missed. */
export function onEvents(names: readonly EventName[], listener: Listener): () => void {
  listeners.set(listener, new Set(names));
  return () => listeners.delete(listener);
}

function tell(event: ServerEvent) {
  for (const [listener, names] of listeners)
    if (names.has(event.name) || event.name === "reconnected") listener(event);
}

let line: AbortController | null = null;

export function listen() {
  line?.abort();
  const controller = new AbortController();
  line = controller;
  isOpen.value = false;
  void follow(controller.signal);
}

export function stopListening() {
  line?.abort();
  line = null;
  isOpen.value = false;
  isLive.value = true;
}

/** 1 s, 2 s, 4 s … half a minute, with a little chance so that a hundred browsers do not come back at once. */
export function waitBefore(attempt: number, chance: number): number {
  return Math.min(30_000, 1000 * 2 ** attempt) * (0.75 + chance / 2);
}

/** Waits, but not a moment longer than until the device has a network again. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((wake) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      wake();
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
  });
}

async function follow(abort: AbortSignal) {
  let lastId = takeOpening<string>("events");
  for (let attempt = 0; !abort.aborted; attempt++) {
    try {
      const headers: Record<string, string> = { Accept: "text/event-stream" };
      if (lastId !== null) headers["Last-Event-ID"] = lastId;
      const response = await send("/api/v1/events", { headers, signal: abort, cache: "no-store" });
      const stream = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      if (!stream) return;
      if (!isLive.peek() || attempt > 0) tell({ name: "reconnected", id: null, data: "" });
      isLive.value = true;
      isOpen.value = true;
      attempt = 0;
      const reader = new EventReader();
      for (;;) {
        const { done, value } = await stream.read();
        if (done) break;
        for (const event of reader.read(value)) {
          if (event.id !== null) lastId = event.id;
          tell(event);
        }
      }
    } catch {
      if (abort.aborted) return;
    } finally {
      if (line?.signal === abort) isOpen.value = false;
    }
    // A server that closes a line on purpose is back at once; only a second failure is worth a word.
    if (attempt > 0) isLive.value = false;
    await pause(waitBefore(attempt, Math.random()));
  }
}
