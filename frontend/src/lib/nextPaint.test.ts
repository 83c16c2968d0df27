import { expect, test, vi } from "vitest";
import { nextPaint } from "./nextPaint";

test("work waits for the frame, and for a moment where none is nextPaint", async () => {
  vi.useFakeTimers();
  const frames: (() => void)[] = [];
  vi.stubGlobal("requestAnimationFrame", (next: () => void) => frames.push(next));
  const done = vi.fn();

  void nextPaint().then(done);
  await vi.advanceTimersByTimeAsync(5);
  expect(done).not.toHaveBeenCalled();
  frames.pop()?.();
  await vi.advanceTimersByTimeAsync(1);
  expect(done).toHaveBeenCalledTimes(1);

  void nextPaint().then(done);
  await vi.advanceTimersByTimeAsync(100);
  expect(done).toHaveBeenCalledTimes(2);
});
