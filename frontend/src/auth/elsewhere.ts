import { useEffect, useState } from "preact/hooks";
import type { components } from "../api/schema";
import { t, translationOf } from "../i18n";
import { go, place } from "../lib/router";

type Way = Pick<components["schemas"]["OtherWay"], "way" | "label">;

/** What people call a way of signing in: the operator's word, or the vendor's name. */
export const nameOfWay = ({ way, label }: Way) =>
  label ?? (way === "feishu" ? t("auth.feishu") : t("auth.dingtalk"));

/** A word with which the server sent the browser back from elsewhere; it is said once and leaves the address. */
export function useFromElsewhere(name: "sign_in_error" | "connected"): string | null {
  const [found] = useState(() => place.peek().query.get(name));
  useEffect(() => {
    if (!found) return;
    const url = new URL(location.href);
    url.searchParams.delete(name);
    go(url.pathname + url.search, { replace: true });
  }, [found, name]);
  return found;
}

/** Why signing in elsewhere did not work out, by the code that came back. */
export const refusalText = (code: string) => translationOf(`errors.${code}`) ?? t("errors.elsewhere_failed");

const CHALLENGE = /^#second_factor=([\w.-]+)$/;

/** The second step that is due after signing in elsewhere. Behind the # no server and no log sees it; it leaves the address. */
export function takeChallenge(): string | null {
  const challenge = CHALLENGE.exec(location.hash)?.[1] ?? null;
  if (challenge) history.replaceState(null, "", location.pathname + location.search);
  return challenge;
}
