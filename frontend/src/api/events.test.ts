import { expect, test } from "vitest";
import { EventReader, waitBefore } from "./events";

test("events are cut out of the stream wherever the network cut it", () => {
  const reader = new EventReader();
  expect(reader.read("id: 7\nevent: remin")).toEqual([]);
  expect(reader.read('der\ndata: {"id":1}\n')).toEqual([]);
  expect(reader.read("\n: still here\n\nevent: roster\r\ndata: a\r\ndata: b\r\n\r\n")).toEqual([
    { name: "reminder", id: "7", data: '{"id":1}' },
    { name: "roster", id: "7", data: "a\nb" },
  ]);
});

test("waiting doubles up to half a minute", () => {
  expect(waitBefore(0, 0.5)).toBe(1000);
  expect(waitBefore(2, 0.5)).toBe(4000);
  expect(waitBefore(20, 0.5)).toBe(30_000);
  expect(waitBefore(0, 0)).toBe(750);
});
