import { useState } from "preact/hooks";
import { api } from "../api/client";
import { sayProblem } from "../api/problem";
import { useResource } from "../api/resource";
import { t } from "../i18n";
import { sayMoment } from "../lib/time";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { say } from "../ui/Toast";

/** Personal tokens: so that a shortcut on the phone can say 已打卡. A token is shown once. */
export function Tokens() {
  const tokens = useResource("tokens", async () => (await api.get("/api/v1/me/tokens")).items);
  const [name, setName] = useState("");
  const [fresh, setFresh] = useState<string | null>(null);
  const [problem, setProblem] = useState<unknown>(null);

  async function create(event: Event) {
    event.preventDefault();
    setProblem(null);
    try {
      const created = await api.post("/api/v1/me/tokens", {
        body: { name: name.trim(), scopes: ["punch:write"] },
      });
      setFresh(created.token);
      setName("");
      await tokens.reload();
    } catch (error) {
      setProblem(error);
    }
  }

  async function revoke(id: number) {
    try {
      await api.delete("/api/v1/me/tokens/{token_id}", { path: { token_id: id } });
      await tokens.reload();
    } catch (error) {
      say(sayProblem(error), { isProblem: true });
    }
  }

  return (
    <section class="section">
      <h2>{t("token.title")}</h2>
      <p class="soft">{t("token.text")}</p>
      {tokens.value && tokens.value.length > 0 && (
        <ul class="rows">
          {tokens.value.map((token) => (
            <li key={token.id} class="row-link">
              <span class="grow">
                {token.name}
                <br />
                <span class="soft small">
                  {token.last_used_at
                    ? t("token.used", { when: sayMoment(token.last_used_at) })
                    : t("token.unused")}
                </span>
              </span>
              <Button
                look="quiet"
                aria-label={t("token.revoke_named", { name: token.name })}
                onClick={() => void revoke(token.id)}
              >
                {t("token.revoke")}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {fresh && (
        <div role="status">
          <p>{t("token.once")}</p>
          <p>
            <code class="secret">{fresh}</code>
          </p>
        </div>
      )}
      <form class="form" onSubmit={create}>
        <TextField
          label={t("token.name")}
          placeholder={t("token.name_example")}
          required
          maxLength={80}
          value={name}
          onValue={setName}
        />
        <p class="form-problem" role="alert">
          {problem !== null && sayProblem(problem)}
        </p>
        <div>
          <Button type="submit">{t("token.create")}</Button>
        </div>
      </form>
    </section>
  );
}
