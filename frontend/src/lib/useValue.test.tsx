import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, test } from "vitest";
import { useValue } from "./useValue";

const Example = ({ value }: { value: number }) => <input ref={useValue(value)} />;

test("a render takes back nothing that is being typed; a new value is shown", async () => {
  const root = document.createElement("div");
  const show = (value: number) => act(() => render(<Example value={value} />, root));
  await show(1);
  const field = root.querySelector("input") as HTMLInputElement;
  expect(field.value).toBe("1");
  field.value = "3";
  await show(1);
  expect(field.value).toBe("3");
  await show(2);
  expect(field.value).toBe("2");
});
