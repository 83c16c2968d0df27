import { render } from "preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Resource, useResource } from "./resource";

let answer: ((value: string | null) => void)[];
let resource: Resource<string | null>;
let root: HTMLElement;

function Asker({ about }: { about: string }) {
  resource = useResource(about, () => new Promise<string | null>((say) => answer.push(say)));
  return <p>{resource.value}</p>;
}

const show = (about: string) => render(<Asker about={about} />, root);
const drawn = (text: string) => vi.waitFor(() => expect(root.textContent).toBe(text));
const asked = (times: number) => vi.waitFor(() => expect(answer).toHaveLength(times));

beforeEach(async () => {
  answer = [];
  root = document.createElement("div");
  show("here");
  await asked(1);
});

afterEach(() => render(null, root));

test("an answer is shown although the next question was asked before it came", async () => {
  void resource.reload();
  answer[0]?.("first");
  await drawn("first");
  answer[1]?.("second");
  await drawn("second");
});

test("an answer that comes after that to a later question is too late", async () => {
  void resource.reload();
  answer[1]?.("second");
  await drawn("second");
  answer[0]?.("first");
  await Promise.resolve();
  await drawn("second");
});

test("an answer about something else that was asked for before is not shown", async () => {
  show("there");
  await asked(2);
  answer[0]?.("of here");
  answer[1]?.("of there");
  await drawn("of there");
});

test("what was set stands until a question that was asked after it is answered", async () => {
  resource.set("mine");
  await drawn("mine");
  answer[0]?.("older");
  await Promise.resolve();
  await drawn("mine");
  void resource.reload();
  answer[1]?.("newer");
  await drawn("newer");
});

test("nothing is an answer, too", async () => {
  expect(resource.isLoading).toBe(true);
  answer[0]?.(null);
  await vi.waitFor(() => expect(resource.isLoading).toBe(false));
});

test("what is known already is there at once, and is asked for only when something else is meant", async () => {
  const seen: unknown[] = [];
  function Knower({ about }: { about: string }) {
    resource = useResource(
      about,
      () => new Promise<string | null>((say) => answer.push(say)),
      [],
      () => "known",
    );
    seen.push(resource.value);
    return null;
  }
  const other = document.createElement("div");
  render(<Knower about="here" />, other);
  expect(seen).toEqual(["known"]);
  render(<Knower about="there" />, other);
  await asked(2); // the first is of the component above
  render(null, other);
});
