import { beforeEach, expect, test, vi } from "vitest";
import { askedSince, keepOpening, takeOpening } from "./opening";

const age = (milliseconds: number) => vi.spyOn(performance, "now").mockReturnValue(milliseconds);

beforeEach(() => {
  age(500);
  keepOpening({ answers: { "/api/v1/me": { id: 1 } }, last_event_id: 0 });
});

test("an answer that came with the session is taken once", () => {
  expect(takeOpening("/api/v1/me")).toEqual({ id: 1 });
  expect(takeOpening("/api/v1/me")).toBeNull();
  expect(takeOpening("/api/v1/teams")).toBeNull();
});

test("events are asked for from the answers on, also if there was none yet", () => {
  expect(takeOpening("events")).toBe("0");
});

test("who opens a page later asks anew", () => {
  age(10_001);
  expect(takeOpening("/api/v1/me")).toBeNull();
});

test("while the page is young, an answer may be from when it began", () => {
  expect(askedSince()).toBe(performance.timeOrigin);
  age(10_001);
  expect(Date.now() - askedSince()).toBeLessThan(1000);
});
