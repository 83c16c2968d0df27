import { useEffect, useState } from "preact/hooks";
import { useGet } from "../api/get";
import { Problem, problemText } from "../api/problem";
import { endedBy, signIn } from "../api/session";
import { t } from "../i18n";
import { lazy } from "../lib/lazy";
import { addressOf, place } from "../lib/router";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { useForm } from "../ui/Form";
import { Entrance } from "./Entrance";
import { loginErrorMessage, providerName, takeChallenge, useCallbackParameter } from "./externalLogin";
import { UsernameField } from "./PasswordFields";

const SecondStep = lazy(() => import("./SecondStep").then((it) => it.SecondStep), {
  onFailed: ({ onBack }, error) => onBack(error),
});

/** Why the external login failed. */
function useRefusal(): string | null {
  const code = useCallbackParameter("sign_in_error");
  return code && loginErrorMessage(code);
}

export function SignIn() {
  /** What the first step gave, while the second one is due. */
  const [secondToken, setSecondToken] = useState<string | null>(null);
  const refusal = useRefusal() ?? (endedBy.value === null ? null : problemText(endedBy.value));
  useEffect(() => {
    const challenge = takeChallenge();
    if (challenge) setSecondToken(challenge);
  }, []);

  const form = useForm({ username: "", password: "" }, async ({ username, password }) => {
    try {
      await signIn(username.trim(), password);
    } catch (error) {
      const token = error instanceof Problem && error.extra.second_factor_token;
      if (typeof token !== "string") throw error;
      setSecondToken(token);
    }
  });

  if (secondToken)
    return (
      <SecondStep
        token={secondToken}
        onBack={(reason) => {
          setSecondToken(null);
          form.set({ password: "" });
          form.setProblem(reason);
        }}
      />
    );
  return (
    <Entrance title={t("auth.sign_in")}>
      <form class="form" onSubmit={form.onSubmit}>
        <UsernameField {...form.bind("username")} />
        <TextField
          label={t("auth.password")}
          name="password"
          type="password"
          autocomplete="current-password"
          required
          {...form.bind("password")}
        />
        <p class="form-problem" role="alert">
          {form.problem !== null ? problemText(form.problem) : refusal}
        </p>
        <Button look="main" type="submit" isBusy={form.isBusy}>
          {t("auth.sign_in")}
        </Button>
        <IdentityProviders />
        <p class="note">{t("auth.forgot")}</p>
      </form>
    </Entrance>
  );
}

/** DingTalk, Feishu, the company's accounts: what is set up. Plain links: the server sends the browser there and back. */
function IdentityProviders() {
  const methods = useGet("/api/v1/auth/methods", {});
  const here = place.value.page ? addressOf(place.value.page, Object.fromEntries(place.value.query)) : "/";
  return methods.value?.providers.map((each) => (
    <a key={each.provider} class="button plain" href={`${each.url}?next=${encodeURIComponent(here)}`}>
      {t("auth.with", { label: providerName(each) })}
    </a>
  ));
}
