import { beforeEach, expect, test } from "vitest";
import { addressOf, followLinks, go, place, placeOf } from "./router";

beforeEach(() => go("/", { replace: true }));

test.each([
  ["/", "today"],
  ["/roster", "roster"],
  ["/roster/", "roster"],
  ["/nothing", null],
  ["/roster/deeper", null],
])("%s is %s", (path, page) => {
  expect(placeOf(path, "").page).toBe(page);
});

test("an address carries its query and leaves out what is empty", () => {
  expect(addressOf("log", { status: "failed", channel: "", cursor: null, person: 3 })).toBe(
    "/log?status=failed&person=3",
  );
  expect(addressOf("today")).toBe("/");
});

test("a plain click on a link inside the app moves without loading", () => {
  followLinks(document);
  document.body.innerHTML = '<a href="/shifts?id=2"><b>shifts</b></a><a href="/api/docs" id="out">docs</a>';
  const click = () => new MouseEvent("click", { bubbles: true, cancelable: true, button: 0 });
  const inside = click();
  document.querySelector("b")?.dispatchEvent(inside);
  expect(inside.defaultPrevented).toBe(true);
  expect(place.value.page).toBe("shifts");
  expect(place.value.query.get("id")).toBe("2");

  const withKey = new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey: true });
  document.querySelector("b")?.dispatchEvent(withKey);
  expect(withKey.defaultPrevented).toBe(false);

  const outside = click();
  let wasOurs = true;
  document.addEventListener(
    "click",
    (event) => {
      wasOurs = event.defaultPrevented;
      event.preventDefault();
    },
    { once: true },
  );
  document.querySelector("#out")?.dispatchEvent(outside);
  expect(wasOurs).toBe(false);
  expect(place.value.page).toBe("shifts");
});
