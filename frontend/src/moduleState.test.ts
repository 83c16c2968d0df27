import { expect, test } from "vitest";

/** State that no component owns, and why. Everything else is a signal, a ref or a component's. */
const REASONS: Readonly<Record<string, string>> = {
  "./api/client.ts: agreesToLock": "set once by the app, so that the client knows no dialog",
  "./api/client.ts: promptForPassword": "set once by the app, so that the client knows no dialog",
  "./api/client.ts: tokenStore": "set once by session.ts, so that neither imports the other",
  "./api/session.ts: accessToken": "in memory only, out of reach of what reads the storage",
  "./api/events.ts: line": "the one connection to the server's events",
  "./lib/now.ts: offset": "how far this device's clock is off, read by the clock's tick",
  "./ui/Toast.tsx: lastId": "toasts are shown from anywhere; an id is never used twice",
};

test("no module holds mutable state without a reason", () => {
  const sources = import.meta.glob<string>(["./**/*.ts", "./**/*.tsx", "!./**/*.test.*"], {
    eager: true,
    query: "?raw",
    import: "default",
  });
  const found = Object.entries(sources).flatMap(([path, text]) =>
    [...text.matchAll(/^(?:export )?let (\w+)/gm)].map(([, name]) => `${path}: ${name}`),
  );
  expect(found.sort()).toEqual(Object.keys(REASONS).sort());
});
