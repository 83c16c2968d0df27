import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { problemText } from "../api/problem";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { loginErrorMessage, providerName, useCallbackParameter } from "../auth/externalLogin";
import { lazyDialog } from "../lib/lazy";
import { now } from "../lib/now";
import { formatDateTime } from "../lib/time";
import { Button } from "../ui/Button";
import { showToast } from "../ui/Toast";
import { t } from "./words";

type Connection = components["schemas"]["ConnectionRead"];

const ConnectDialog = lazyDialog(() => import("./ConnectDialog").then((it) => it.ConnectDialog));

/** DingTalk, Feishu or the company's accounts as ways in: connected once from here, with the password. */
export function Connections() {
  const all = useResource("connections", async () => (await api.get("/api/v1/me/connections")).items);
  const [connecting, setConnecting] = useState<Connection | null>(null);
  const refusal = useCallbackParameter("sign_in_error");
  const made = useCallbackParameter("connected");
  const fresh = made && all.value?.find((each) => each.provider === made);

  const section = useRef<HTMLElement>(null);
  const isBack = (refusal ?? made) !== null && all.value !== null;

  useEffect(() => {
    if (isBack) section.current?.scrollIntoView({ block: "center" });
  }, [isBack]);
  useEffect(() => {
    if (fresh) showToast(t("connection.made", { name: providerName(fresh) }));
  }, [fresh]);

  async function disconnect(from: Connection) {
    try {
      await api.delete("/api/v1/me/connections/{provider}", { path: { provider: from.provider } });
      showToast(t("connection.ended", { name: providerName(from) }));
    } catch (error) {
      showToast(problemText(error), { isProblem: true });
    }
    await all.reload();
  }

  if (!all.value?.length) return null;
  return (
    <section class="section" ref={section}>
      <h2>{t("connection.title")}</h2>
      <p class="soft">{t("connection.text")}</p>
      <p class="form-problem" role="alert">
        {refusal && loginErrorMessage(refusal)}
      </p>
      <ul class="rows">
        {all.value.map((each) => (
          <li key={each.provider} class="row-link">
            <span class="grow">
              {providerName(each)}
              <br />
              <span class="soft small">
                {each.connected_at
                  ? t("connection.since", { when: formatDateTime(each.connected_at, now.value) })
                  : t("connection.none")}
              </span>
            </span>
            {each.connected_at ? (
              <Button
                look="quiet"
                aria-label={t("connection.disconnect_named", { name: providerName(each) })}
                onClick={() => void disconnect(each)}
              >
                {t("connection.disconnect")}
              </Button>
            ) : (
              <Button
                aria-label={t("connection.connect_named", { name: providerName(each) })}
                onClick={() => setConnecting(each)}
              >
                {t("connection.connect")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {connecting && <ConnectDialog to={connecting} onClose={() => setConnecting(null)} />}
    </section>
  );
}
