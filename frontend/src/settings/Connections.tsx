import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { useList } from "../api/get";
import type { components } from "../api/schema";
import { loginErrorMessage, providerName, useCallbackParameter } from "../auth/externalLogin";
import { lazyDialog } from "../lib/lazy";
import { now } from "../lib/now";
import { formatDateTime } from "../lib/time";
import { FactRow } from "../parts/FactRow";
import { AskFirst } from "../ui/AskFirst";
import { attempt } from "../ui/attempt";
import { Button } from "../ui/Button";
import { Section } from "../ui/Page";
import { showToast } from "../ui/Toast";
import { t } from "./words";

type Connection = components["schemas"]["ConnectionRead"];

const ConnectDialog = lazyDialog(() => import("./ConnectDialog").then((it) => it.ConnectDialog));

/** DingTalk, Feishu or the company's accounts as ways in: connected once from here, with the password. */
export function Connections() {
  const all = useList("/api/v1/me/connections");
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
    await attempt(
      () => api.delete("/api/v1/me/connections/{provider}", { path: { provider: from.provider } }),
      t("connection.ended", { name: providerName(from) }),
    );
    await all.reload();
  }

  if (!all.value?.length) return null;
  return (
    <Section of={section} title={t("connection.title")} text={t("connection.text")}>
      <p class="form-problem" role="alert">
        {refusal && loginErrorMessage(refusal)}
      </p>
      <ul class="rows">
        {all.value.map((each) => {
          const name = providerName(each);
          return (
            <FactRow
              key={each.provider}
              name={name}
              facts={
                each.connected_at
                  ? t("connection.since", { when: formatDateTime(each.connected_at, now.value) })
                  : t("connection.none")
              }
            >
              {each.connected_at ? (
                <AskFirst
                  look="quiet"
                  label={t("connection.disconnect")}
                  name={t("connection.disconnect_named", { name })}
                  text={t("connection.disconnect_text")}
                  onYes={() => disconnect(each)}
                />
              ) : (
                <Button
                  aria-label={t("connection.connect_named", { name })}
                  onClick={() => setConnecting(each)}
                >
                  {t("connection.connect")}
                </Button>
              )}
            </FactRow>
          );
        })}
      </ul>
      {connecting && <ConnectDialog to={connecting} onClose={() => setConnecting(null)} />}
    </Section>
  );
}
