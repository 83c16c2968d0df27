import { useState } from "preact/hooks";
import { api } from "../api/client";
import { useList } from "../api/get";
import type { components } from "../api/schema";
import { listed } from "../i18n";
import { now } from "../lib/now";
import { formatDateTime } from "../lib/time";
import { CopyButton } from "../parts/CopyButton";
import { RevocableRow } from "../parts/RevocableRow";
import { attempt } from "../ui/attempt";
import { Loaded } from "../ui/EmptyState";
import { CheckField, SelectField, TextField } from "../ui/Field";
import { Form, useForm } from "../ui/Form";
import { Section } from "../ui/Page";
import { Recipes } from "./Recipes";
import { t } from "./words";

type Token = components["schemas"]["ApiTokenRead"];
type Scope = components["schemas"]["ApiTokenCreate"]["scopes"][number];

const SCOPES: readonly Scope[] = ["punch:write", "roster:read", "reminders:read"];
/** Days that a token is good for; 0 is without end. */
const LIFETIMES = [90, 30, 365, 0];
const DAY_MS = 86_400_000;

function factsOf(token: Token): string {
  const parts = [
    listed(token.scopes.map((scope) => t(`scope.${scope as Scope}`))),
    token.last_used_at
      ? t("token.used", { when: formatDateTime(token.last_used_at, now.value) })
      : t("token.unused"),
  ];
  if (token.expires_at)
    parts.push(
      Date.parse(token.expires_at) > now.value
        ? t("token.until", { when: formatDateTime(token.expires_at, now.value) })
        : t("token.expired"),
    );
  return parts.join(" · ");
}

/** Personal tokens, with which a shortcut on the phone can record a punch. A token is shown once. */
export function Tokens() {
  const tokens = useList("/api/v1/me/tokens");
  const [fresh, setFresh] = useState<{ token: string; canPunch: boolean } | null>(null);
  const initial = { name: "", scopes: ["punch:write"] as readonly Scope[], days: 90 };
  const form = useForm(initial, async ({ name, scopes, days }) => {
    const expires_at = days > 0 ? new Date(now.value + days * DAY_MS).toISOString() : null;
    const body = { name: name.trim(), scopes: [...scopes], expires_at };
    const { token } = await api.post("/api/v1/me/tokens", { body });
    setFresh({ token, canPunch: scopes.includes("punch:write") });
    form.set({ name: "" });
    await tokens.reload();
  });
  const { scopes } = form.values;

  async function revoke({ id, name }: Token) {
    await attempt(
      () => api.delete("/api/v1/me/tokens/{token_id}", { path: { token_id: id } }),
      t("token.revoked", { name }),
    );
    await tokens.reload();
  }

  return (
    <Section title={t("token.title")} text={t("token.text")}>
      <Loaded from={tokens}>
        {(all) =>
          all.length > 0 && (
            <ul class="rows">
              {all.map((token) => (
                <RevocableRow
                  key={token.id}
                  name={token.name}
                  facts={factsOf(token)}
                  action={t("action.revoke")}
                  label={t("action.revoke_named", { name: token.name })}
                  consequence={t("token.revoke_text")}
                  onRevoke={() => revoke(token)}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
      <div role="status">
        {fresh && (
          <>
            <p>{t("token.once")}</p>
            <code class="secret">{fresh.token}</code>
            <CopyButton look="quiet" text={fresh.token} label={t("token.copy")} />
            {fresh.canPunch && <Recipes token={fresh.token} />}
          </>
        )}
      </div>
      <Form of={form} action={t("token.create")} isDisabled={scopes.length === 0}>
        <TextField
          label={t("token.name")}
          placeholder={t("token.name_example")}
          required
          maxLength={80}
          {...form.field("name")}
        />
        <fieldset>
          <legend class="field-label">{t("token.scope")}</legend>
          {SCOPES.map((scope) => (
            <CheckField
              key={scope}
              label={t(`scope.${scope}`)}
              value={scopes.includes(scope)}
              onValue={(isOn) =>
                form.set({ scopes: SCOPES.filter((each) => (each === scope ? isOn : scopes.includes(each))) })
              }
            />
          ))}
        </fieldset>
        <SelectField
          label={t("token.expires")}
          choices={LIFETIMES.map((n) => ({
            value: n,
            label: n > 0 ? t("token.days", { n }) : t("token.forever"),
          }))}
          {...form.bind("days")}
        />
      </Form>
    </Section>
  );
}
