import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { sayProblem } from "../api/problem";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { nameOfWay, sayRefusal, useFromElsewhere } from "../auth/elsewhere";
import { now } from "../lib/now";
import { sayMoment } from "../lib/time";
import { Button } from "../ui/Button";
import { say } from "../ui/Toast";
import type { ConnectDialogProps } from "./ConnectDialog";
import { word } from "./words";

type Connection = components["schemas"]["ConnectionRead"];

/** DingTalk, Feishu or the company's accounts as ways in: connected once from here, with the password. */
export function Connections() {
  const all = useResource("connections", async () => (await api.get("/api/v1/me/connections")).items);
  const [opened, setOpened] = useState<{ dialog: ComponentType<ConnectDialogProps>; to: Connection } | null>(
    null,
  );
  const refusal = useFromElsewhere("sign_in_error");
  const made = useFromElsewhere("connected");
  const fresh = made && all.value?.find((each) => each.way === made);

  const section = useRef<HTMLElement>(null);
  const isBack = (refusal ?? made) !== null && all.value !== null;

  useEffect(() => {
    if (isBack) section.current?.scrollIntoView({ block: "center" });
  }, [isBack]);
  useEffect(() => {
    if (fresh) say(word("connection.made", { name: nameOfWay(fresh) }));
  }, [fresh]);

  async function open(to: Connection) {
    try {
      setOpened({ dialog: (await import("./ConnectDialog")).ConnectDialog, to });
    } catch (error) {
      say(sayProblem(error), { isProblem: true });
    }
  }

  async function disconnect(from: Connection) {
    try {
      await api.delete("/api/v1/me/connections/{way}", { path: { way: from.way } });
      say(word("connection.ended", { name: nameOfWay(from) }));
    } catch (error) {
      say(sayProblem(error), { isProblem: true });
    }
    await all.reload();
  }

  if (!all.value?.length) return null;
  return (
    <section class="section" ref={section}>
      <h2>{word("connection.title")}</h2>
      <p class="soft">{word("connection.text")}</p>
      <p class="form-problem" role="alert">
        {refusal && sayRefusal(refusal)}
      </p>
      <ul class="rows">
        {all.value.map((each) => (
          <li key={each.way} class="row-link">
            <span class="grow">
              {nameOfWay(each)}
              <br />
              <span class="soft small">
                {each.connected_at
                  ? word("connection.since", { when: sayMoment(each.connected_at, now.value) })
                  : word("connection.none")}
              </span>
            </span>
            {each.connected_at ? (
              <Button
                look="quiet"
                aria-label={word("connection.disconnect_named", { name: nameOfWay(each) })}
                onClick={() => void disconnect(each)}
              >
                {word("connection.disconnect")}
              </Button>
            ) : (
              <Button
                aria-label={word("connection.connect_named", { name: nameOfWay(each) })}
                onClick={() => void open(each)}
              >
                {word("connection.connect")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {opened && <opened.dialog to={opened.to} onClose={() => setOpened(null)} />}
    </section>
  );
}
