import { useState } from "preact/hooks";
import { api } from "../api/client";
import { problemOf, problemText } from "../api/problem";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { now } from "../lib/now";
import { formatDateTime } from "../lib/time";
import { Button } from "../ui/Button";
import { CopyButton } from "../ui/CopyButton";
import { Loaded } from "../ui/EmptyState";
import { CheckField, SelectField, TextField } from "../ui/Field";
import { FormProblem } from "../ui/FormProblem";
import { RevocableRow } from "../ui/RevocableRow";
import { showToast } from "../ui/Toast";
import { t } from "./words";

type Token = components["schemas"]["ApiTokenRead"];
type Scope = components["schemas"]["ApiTokenCreate"]["scopes"][number];

const SCOPES: readonly Scope[] = ["punch:write", "roster:read", "reminders:read"];
/** Days that a token is good for; 0 is without end. */
const LIFETIMES = [90, 30, 365, 0];
const DAY_MS = 86_400_000;

function factsOf(token: Token): string {
  const parts = [
    token.scopes.map((scope) => t(`scope.${scope as Scope}`)).join(t("list.comma")),
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
  const tokens = useResource("tokens", async () => (await api.get("/api/v1/me/tokens")).items);
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(["punch:write"]);
  const [days, setDays] = useState(90);
  const [fresh, setFresh] = useState<string | null>(null);
  const [problem, setProblem] = useState<unknown>(null);

  async function create(event: Event) {
    event.preventDefault();
    setProblem(null);
    try {
      const expires_at = days > 0 ? new Date(now.value + days * DAY_MS).toISOString() : null;
      const created = await api.post("/api/v1/me/tokens", {
        body: { name: name.trim(), scopes: [...scopes], expires_at },
      });
      setFresh(created.token);
      setName("");
      await tokens.reload();
    } catch (error) {
      setProblem(error);
    }
  }

  async function revoke(token: Token) {
    try {
      await api.delete("/api/v1/me/tokens/{token_id}", { path: { token_id: token.id } });
      showToast(t("token.revoked", { name: token.name }));
    } catch (error) {
      showToast(problemText(error), { isProblem: true });
    }
    await tokens.reload();
  }

  return (
    <section class="section">
      <h2>{t("token.title")}</h2>
      <p class="soft">{t("token.text")}</p>
      <Loaded from={tokens}>
        {(all) =>
          all.length > 0 && (
            <ul class="rows">
              {all.map((token) => (
                <RevocableRow
                  key={token.id}
                  name={token.name}
                  facts={factsOf(token)}
                  action={t("token.revoke")}
                  label={t("token.revoke_named", { name: token.name })}
                  onRevoke={() => void revoke(token)}
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
            <code class="secret">{fresh}</code>
            <CopyButton look="quiet" text={fresh} label={t("token.copy")} />
          </>
        )}
      </div>
      <form class="form" onSubmit={create}>
        <TextField
          label={t("token.name")}
          placeholder={t("token.name_example")}
          required
          maxLength={80}
          value={name}
          error={problemOf(problem, "name")}
          onValue={setName}
        />
        <fieldset>
          <legend class="field-label">{t("token.scope")}</legend>
          {SCOPES.map((scope) => (
            <CheckField
              key={scope}
              label={t(`scope.${scope}`)}
              checked={scopes.includes(scope)}
              onValue={(isOn) =>
                setScopes(SCOPES.filter((each) => (each === scope ? isOn : scopes.includes(each))))
              }
            />
          ))}
        </fieldset>
        <SelectField
          label={t("token.expires")}
          value={days}
          choices={LIFETIMES.map((n) => ({
            value: n,
            label: n > 0 ? t("token.days", { n }) : t("token.forever"),
          }))}
          onValue={setDays}
        />
        <FormProblem problem={problem} isBesideField={problemOf(problem, "name") !== null} />
        <div>
          <Button type="submit" disabled={scopes.length === 0}>
            {t("token.create")}
          </Button>
        </div>
      </form>
    </section>
  );
}
