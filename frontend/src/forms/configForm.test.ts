import { expect, test } from "vitest";
import { type ConfigItem, configFormReducer, initialConfigForm } from "./configForm";

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
    isEnabled: true,
    isDeleting: false,
  });
  expect(initialConfigForm(MAIL, KINDS, 0)).toMatchObject({
    kind: "mail",
    name: "Office",
    values: { host: "mail.example", port: "25" },
    isEnabled: false,
  });
});

test("another kind empties the settings and keeps the name and the owner", () => {
  let form = initialConfigForm(null, KINDS, 7);
  form = configFormReducer(form, { type: "set", change: { name: "Hall", owner: 2 } });
  form = configFormReducer(form, { type: "value", name: "url", value: "https://hall.example" });
  expect(form.values).toEqual({ url: "https://hall.example" });
  form = configFormReducer(form, { type: "kind", kind: "mail", config_schema: KINDS[1]?.config_schema });
  expect(form).toMatchObject({ kind: "mail", name: "Hall", owner: 2, values: { host: null, port: null } });
});
