import { expect, test, vi } from "vitest";
import { painted } from "./painted";

test("work waits for the frame, and for a moment where none is painted", async () => {
  vi.useFakeTimers();
  const frames: (() => void)[] = [];
  vi.stubGlobal("requestAnimationFrame", (next: () => void) => frames.push(next));
  const done = vi.fn();

  void painted().then(done);
  await vi.advanceTimersByTimeAsync(5);
  expect(done).not.toHaveBeenCalled();
  frames.pop()?.();
  await vi.advanceTimersByTimeAsync(1);
  expect(done).toHaveBeenCalledTimes(1);

  void painted().then(done);
  await vi.advanceTimersByTimeAsync(100);
  expect(done).toHaveBeenCalledTimes(2);
});
