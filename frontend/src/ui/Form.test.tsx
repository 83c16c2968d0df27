import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, test } from "vitest";
import { Problem } from "../api/problem";
import { TextField } from "./Field";
import { Form, useForm } from "./Form";

const complaint = (...fields: string[]) =>
  new Problem(422, {
    errors: fields.map((field) => ({ loc: ["body", field], code: "missing", msg: "missing" })),
  });

async function sent(problem: Problem | null) {
  const root = document.createElement("div");
  const got: unknown[] = [];
  function Example() {
    const form = useForm({ name: "Ann", mobile: "1" }, async (values) => {
      got.push(values);
      if (problem) throw problem;
    });
    return (
      <Form of={form}>
        <TextField label="Name" {...form.field("name")} />
      </Form>
    );
  }
  await act(() => render(<Example />, root));
  await act(async () => {
    root.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await new Promise((answered) => setTimeout(answered));
  });
  return {
    got,
    atField: root.querySelector(".field .note")?.textContent ?? "",
    atEnd: root.querySelector(".form-problem")?.textContent ?? "",
    isBusy: root.querySelector("button")?.disabled,
  };
}

test("what was typed is sent, and the button is free again", async () => {
  expect(await sent(null)).toEqual({
    got: [{ name: "Ann", mobile: "1" }],
    atField: "",
    atEnd: "",
    isBusy: false,
  });
});

test("a second press while it is being sent sends nothing, and the button keeps the focus", async () => {
  const root = document.body.appendChild(document.createElement("div"));
  const answers: (() => void)[] = [];
  const Example = () => (
    <Form of={useForm({}, () => new Promise<void>((answer) => answers.push(answer)))}>{null}</Form>
  );
  await act(() => render(<Example />, root));
  const button = root.querySelector("button");
  button?.focus();
  for (let press = 0; press < 3; press++) await act(() => button?.click());
  expect(answers).toHaveLength(1);
  expect([button?.ariaDisabled ?? button?.getAttribute("aria-disabled"), document.activeElement]).toEqual([
    "true",
    button,
  ]);
  await act(async () => answers[0]?.());
  await act(() => button?.click());
  expect(answers).toHaveLength(2);
});

test.each([
  ["of a field stands beside it and nowhere else", complaint("name"), true, false],
  ["of a field that is not drawn stands at the end", complaint("mobile"), false, true],
  ["of both stands at both", complaint("name", "mobile"), true, true],
  ["of no field stands at the end", new Problem(409), false, true],
])("a complaint %s", async (_, problem, isAtField, isAtEnd) => {
  const { atField, atEnd, isBusy } = await sent(problem);
  expect([atField !== "", atEnd !== "", isBusy]).toEqual([isAtField, isAtEnd, false]);
});
