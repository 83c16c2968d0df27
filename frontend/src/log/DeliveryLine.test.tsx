import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, test } from "vitest";
import { setLanguage } from "../i18n";
import { DeliveryLine } from "./DeliveryLine";
import type { Delivery } from "./story";

const page = document.createElement("div");
afterEach(() => render(null, page));

const notice: Delivery = {
  id: 1,
  channel_id: 1,
  channel_name: "收件箱",
  channel_kind: "inbox",
  occasion: "roster",
  kind: null,
  title: "排班有变化：2 天",
  people: [],
  recipient: "王波",
  status: "sent",
  due_at: "2026-11-24T00:45:00Z",
  expires_at: "2026-11-24T01:10:00Z",
  next_attempt_at: null,
  sent_at: "2026-11-24T00:45:01Z",
  superseded_by: null,
  may_retry: false,
  is_late: false,
  attempts: [],
};
const person = (user_id: number, name: string) => ({ user_id, name, reminder_id: user_id });

test.each<[string, Partial<Delivery>, string]>([
  ["a notice to one person", {}, "王波 排班通知"],
  ["a notice whose person may not be known", { recipient: "" }, "排班通知"],
  [
    "a reminder of two people",
    { occasion: "reminder", kind: "clock_in", people: [person(1, "安"), person(2, "白")] },
    "安、白 上班打卡",
  ],
])("a line of the log says whom it is about: %s", async (_, change, words) => {
  await setLanguage("zh");
  await act(() =>
    render(
      <DeliveryLine
        delivery={{ ...notice, ...change }}
        isOpen={false}
        onToggle={() => undefined}
        onChanged={() => undefined}
      />,
      page,
    ),
  );
  expect(page.querySelector(".delivery-who")?.textContent).toBe(words);
});
