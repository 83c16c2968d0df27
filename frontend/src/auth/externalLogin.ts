import { useEffect, useState } from "preact/hooks";
import { wordsFor } from "../api/problem";
import type { components } from "../api/schema";
import { t } from "../i18n";
import { go, place } from "../lib/router";

type Provider = Pick<components["schemas"]["IdentityProviderRead"], "provider" | "label">;

const NAMES = { oidc: "auth.oidc", dingtalk: "auth.dingtalk", feishu: "auth.feishu" } as const;

/** The display name of an identity provider: the operator's label, or the name that everybody knows. */
export const providerName = ({ provider, label }: Provider) => label ?? t(NAMES[provider]);

/** A parameter of the redirect back from the provider; it is read once and removed from the address. */
export function useCallbackParameter(name: "sign_in_error" | "connected"): string | null {
  const [found] = useState(() => place.peek().query.get(name));
  useEffect(() => {
    if (!found) return;
    const url = new URL(location.href);
    url.searchParams.delete(name);
    go(url.pathname + url.search, { replace: true });
  }, [found, name]);
  return found;
}

/** The message for the error code of a failed external login. */
export const loginErrorMessage = (code: string) =>
  wordsFor(code) ?? wordsFor("external_login_failed") ?? t("errors.unexpected");

const CHALLENGE = /^#second_factor=([\w.-]+)$/;

/** The token of a second factor due after an external login. It is in the fragment, so no server or log sees it, and is removed. */
export function takeChallenge(): string | null {
  const challenge = CHALLENGE.exec(location.hash)?.[1] ?? null;
  if (challenge) history.replaceState(null, "", location.pathname + location.search);
  return challenge;
}
