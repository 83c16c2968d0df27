import { render } from "preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "../api/client";
import { PasswordPrompt } from "./PasswordPrompt";

let root: HTMLElement;
let sent: Record<string, unknown>[];

beforeEach(() => {
  HTMLDialogElement.prototype.showModal ??= () => undefined;
  sent = [];
  root = document.createElement("div");
  document.body.append(root);
  render(<PasswordPrompt />, root);
});

afterEach(() => {
  render(null, root);
  root.remove();
  vi.unstubAllGlobals();
});

function answering(...answers: [number, object][]) {
  vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
    sent.push(JSON.parse(String(init.body)));
    const [status, body] = answers.shift() ?? [500, {}];
    return new Response(JSON.stringify(body), { status });
  });
}

const NEEDED: [number, object] = [403, { code: "password_needed" }];
const form = () => vi.waitFor(() => root.querySelector("form") ?? Promise.reject(new Error("no question")));

async function give(password: string) {
  const asked = await form();
  const field = asked.querySelector("input") as HTMLInputElement;
  field.value = password;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await new Promise((done) => setTimeout(done, 10));
  asked.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
}

test("a request that needs the password is repeated with it, also after a wrong one", async () => {
  answering(NEEDED, [403, { code: "wrong_password" }], [201, { id: 1 }]);
  const made = api.post("/api/v1/me/ical", { body: { name: "手机" } });
  await give("wrong");
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  await give("right");
  expect(await made).toEqual({ id: 1 });
  expect(sent.map((body) => body.current_password)).toEqual([undefined, "wrong", "right"]);
  expect(sent.every((body) => body.name === "手机")).toBe(true);
  await vi.waitFor(() => expect(root.querySelector("form")).toBeNull());
});

test("closing the question refuses the request", async () => {
  answering(NEEDED);
  const failed = expect(api.post("/api/v1/me/ical", { body: {} })).rejects.toMatchObject({
    code: "password_needed",
  });
  const asked = await form();
  (asked.querySelector("footer button[type=button]") as HTMLButtonElement).click();
  await failed;
});
