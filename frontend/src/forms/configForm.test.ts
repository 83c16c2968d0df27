import { expect, test } from "vitest";
import { type ConfigItem, initialConfigForm, settingsOf } from "./configForm";

const schema = (...names: string[]) => ({
  properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
});
const KINDS = [
  { kind: "webhook", labels: {}, config_schema: schema("url") },
  { kind: "mail", labels: {}, config_schema: schema("host", "port") },
];
const MAIL: ConfigItem = {
  id: 3,
  name: "Office",
  kind: "mail",
  config: { host: "mail.example", port: "25" },
  saved_secrets: [],
  is_enabled: false,
};

test("a new one begins with the first kind, an old one as it is", () => {
  expect(initialConfigForm(null, KINDS, 7)).toEqual({
    kind: "webhook",
    name: "",
    values: { url: null },
    owner: 7,
    is_enabled: true,
  });
  expect(initialConfigForm(MAIL, KINDS, 0)).toMatchObject({
    kind: "mail",
    name: "Office",
    values: { host: "mail.example", port: "25" },
    is_enabled: false,
  });
});

test("another kind empties the settings and keeps the name and the owner", () => {
  const form = {
    ...initialConfigForm(null, KINDS, 7),
    name: "Hall",
    owner: 2,
    values: { url: "https://hall.example" },
  };
  expect({ ...form, ...settingsOf(KINDS, "mail") }).toEqual({
    kind: "mail",
    name: "Hall",
    owner: 2,
    is_enabled: true,
    values: { host: null, port: null },
  });
});
