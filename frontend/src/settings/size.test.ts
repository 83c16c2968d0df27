import { expect, test } from "vitest";
import { formatBytes } from "./size";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [9949, "9.9 kB"],
  [9951, "10 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [1_440_000, "1.4 MB"],
  [2_000_000_000_000, "2000 GB"],
])("%d bytes are %s", (bytes, said) => {
  expect(formatBytes(bytes)).toBe(said);
});
