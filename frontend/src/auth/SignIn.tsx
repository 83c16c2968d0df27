import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api } from "../api/client";
import { Problem, sayProblem } from "../api/problem";
import { useResource } from "../api/resource";
import { signIn } from "../api/session";
import { known, t } from "../i18n";
import { addressOf, go, place } from "../lib/router";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { Entrance } from "./Entrance";
import type { SecondStepProps } from "./SecondStep";

/** The code with which the company's sign-in page sent the browser back; it is said once and leaves the address. */
function useRefusal(): string | null {
  const [code] = useState(() => place.peek().query.get("sign_in_error"));
  useEffect(() => {
    if (!code) return;
    const url = new URL(location.href);
    url.searchParams.delete("sign_in_error");
    go(url.pathname + url.search, { replace: true });
  }, [code]);
  return code && (known(`errors.${code}`) ?? t("errors.oidc_failed"));
}

export function SignIn() {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const [second, setSecond] = useState<{ step: ComponentType<SecondStepProps>; token: string } | null>(null);
  const refusal = useRefusal();

  async function enter(event: Event) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await signIn(username.trim(), password);
    } catch (error) {
      try {
        await takeRefusal(error);
      } catch (other) {
        setProblem(other);
      }
      setBusy(false);
    }
  }

  async function takeRefusal(error: unknown) {
    const token = error instanceof Problem && error.extra.second_factor_token;
    if (typeof token !== "string") throw error;
    const { SecondStep } = await import("./SecondStep");
    setSecond({ step: SecondStep, token });
  }

  if (second)
    return (
      <second.step
        token={second.token}
        onBack={(reason) => {
          setSecond(null);
          setPassword("");
          setProblem(reason);
        }}
      />
    );
  return (
    <Entrance title={t("auth.sign_in")}>
      <form class="form" onSubmit={enter}>
        <TextField
          label={t("auth.username")}
          name="username"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
          value={username}
          onValue={setUsername}
        />
        <TextField
          label={t("auth.password")}
          name="password"
          type="password"
          autocomplete="current-password"
          required
          value={password}
          onValue={setPassword}
        />
        <p class="form-problem" role="alert">
          {problem !== null ? sayProblem(problem) : refusal}
        </p>
        <Button look="main" type="submit" isBusy={isBusy}>
          {t("auth.sign_in")}
        </Button>
        <OtherWay />
        <p class="note">{t("auth.forgot")}</p>
      </form>
    </Entrance>
  );
}

/** The company's own accounts, where there are any. A plain link: the server sends the browser there and back. */
function OtherWay() {
  const methods = useResource("methods", () => api.get("/api/v1/auth/methods"));
  const oidc = methods.value?.oidc;
  if (!oidc) return null;
  const here = place.value.page ? addressOf(place.value.page, Object.fromEntries(place.value.query)) : "/";
  return (
    <a class="button plain" href={`${oidc.url}?next=${encodeURIComponent(here)}`}>
      {t("auth.with_oidc", { label: oidc.label })}
    </a>
  );
}
