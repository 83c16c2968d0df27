import { beforeEach, expect, test } from "vitest";
import { setLanguage } from "../i18n";
import { configFrom, fieldsOf, type Schema, type Values, valuesFrom } from "./schema";

const SCHEMA: Schema = {
  properties: {
    key: { type: "string", format: "password", writeOnly: true, title: "设备 Key", maxLength: 100 },
    secret: {
      anyOf: [{ type: "string", format: "password", writeOnly: true }, { type: "null" }],
      default: null,
    },
    level: { $ref: "#/$defs/Level", default: "active" },
    volume: {
      anyOf: [{ type: "integer", minimum: 0 }, { type: "null" }],
      default: null,
      description: "0 到 10",
    },
    call: { type: "boolean", default: false },
    tags: { type: "array", items: { type: "string" } },
  },
  required: ["key"],
  $defs: { Level: { type: "string", enum: ["active", "timeSensitive"], description: "How it rings." } },
};

beforeEach(() => setLanguage("zh"));

test("a form is made of the schema of a kind that nobody here knows", () => {
  const fields = fieldsOf(SCHEMA);
  expect(fields.map(({ name, kind, isSecret, isRequired }) => [name, kind, isSecret, isRequired])).toEqual([
    ["key", "text", true, true],
    ["secret", "text", true, false],
    ["level", "choice", false, false],
    ["volume", "number", false, false],
    ["call", "switch", false, false],
    ["tags", "list", false, false],
  ]);
  expect(fields[0]?.label).toBe("设备 Key");
  expect(fields[2]).toMatchObject({ initial: "active", hint: "" });
  expect(fields[3]?.hint).toBe("0 到 10");
});

test("an empty secret keeps the saved one, an empty text clears", () => {
  const fields = fieldsOf(SCHEMA);
  const values: Values = {
    ...valuesFrom(fields, { level: "timeSensitive", volume: 3, tags: ["a", "b"] }),
    volume: null,
  };
  expect(values.key).toBeNull();
  expect(configFrom(fields, values, false)).toEqual({
    level: "timeSensitive",
    volume: null,
    call: false,
    tags: ["a", "b"],
  });
  expect(configFrom(fields, { ...values, key: "abc" }, false)).toMatchObject({ key: "abc" });
});

test("a new channel sends only what was filled in", () => {
  const fields = fieldsOf(SCHEMA);
  expect(configFrom(fields, { ...valuesFrom(fields, {}), key: "abc" }, true)).toEqual({
    key: "abc",
    level: "active",
    call: false,
  });
});

test("the words of a setting, and of its choices, are the reader's", async () => {
  const schema: Schema = {
    properties: {
      by: {
        $ref: "#/$defs/By",
        titles: { zh: "按什么认人", en: "People are known by" },
        descriptions: { zh: "说明", en: "Note" },
        choices: { mobile: { zh: "手机号", en: "Mobile number" } },
      },
      who: { anyOf: [{ type: "integer" }, { type: "null" }], format: "user-id", default: null },
      words: { type: "array", items: { type: "string" }, default: ["true", "1"] },
    },
    $defs: { By: { type: "string", enum: ["mobile", "other"] } },
  };
  await setLanguage("en");
  const [by, who, words] = fieldsOf(schema);
  expect(by).toMatchObject({ label: "People are known by", hint: "Note" });
  expect(by?.choices).toEqual([
    { value: "mobile", label: "Mobile number" },
    { value: "other", label: "other" },
  ]);
  expect(who?.kind).toBe("person");
  expect(words?.initial).toBe("true\n1");
});

test("a saved secret that is not needed can be cleared", () => {
  const fields = fieldsOf(SCHEMA);
  expect(configFrom(fields, { ...valuesFrom(fields, {}), secret: false }, false)).toMatchObject({
    secret: null,
  });
});
