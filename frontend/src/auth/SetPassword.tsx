import { useState } from "preact/hooks";
import { api } from "../api/client";
import { Problem, problemText } from "../api/problem";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { signIn } from "../api/session";
import { now } from "../lib/now";
import { formatDateTime } from "../lib/time";
import { Button } from "../ui/Button";
import { Loaded } from "../ui/EmptyState";
import { FormProblem, useForm } from "../ui/Form";
import { Entrance } from "./Entrance";
import { NewPasswordField } from "./PasswordFields";
import { SecondStep } from "./SecondStep";
import { t } from "./words";

type Linked = components["schemas"]["LinkedPerson"];

/** A full load: this browser may have been signed in as another person. */
const enter = () => location.replace("/");

/** Where an invitation or a reset link leads. The token is in the fragment: it never reaches a server's log. */
export function SetPassword() {
  const [token] = useState(() => location.hash.slice(1));
  const link = useResource("link", async () => {
    try {
      return {
        person: await api.post("/api/v1/auth/password-link/check", { body: { token } }),
        problem: null,
      };
    } catch (error) {
      if (error instanceof Problem && (error.status === 404 || error.status === 422))
        return { person: null, problem: error };
      throw error;
    }
  });
  const [isDone, setDone] = useState(false);
  const [secondToken, setSecondToken] = useState<string | null>(null);

  /** The password is set, and signs in. */
  async function onSet(username: string, password: string) {
    try {
      await signIn(username, password);
      enter();
    } catch (error) {
      const token = error instanceof Problem && error.extra.second_factor_token;
      if (typeof token === "string") setSecondToken(token);
      else setDone(true);
    }
  }

  if (secondToken)
    return <SecondStep token={secondToken} onDone={enter} onBack={() => setSecondToken(null)} />;
  if (isDone)
    return (
      <Entrance title={t("link.done")}>
        <a class="button main" href="/" target="_self">
          {t("link.enter")}
        </a>
      </Entrance>
    );
  const found = link.value;
  const person = found?.person;
  const title = person
    ? t(person.is_invitation ? "link.title_invitation" : "link.title_reset", { name: person.display_name })
    : t(found ? "link.gone" : "link.title");
  return (
    <Entrance title={title}>
      <Loaded from={link}>
        {({ person, problem }) =>
          person ? (
            <PasswordForm person={person} token={token} onSet={onSet} onGone={link.reload} />
          ) : (
            <>
              <p>{problemText(problem)}</p>
              <a class="button plain" href="/" target="_self">
                {t("link.enter")}
              </a>
            </>
          )
        }
      </Loaded>
    </Entrance>
  );
}

function PasswordForm(props: {
  person: Linked;
  token: string;
  onSet: (username: string, password: string) => Promise<void>;
  onGone: () => Promise<void>;
}) {
  const { person, token } = props;
  const form = useForm({ password: "" }, async ({ password }) => {
    try {
      await api.post("/api/v1/auth/password-link", { body: { token, password } });
    } catch (error) {
      // Used or replaced in the meantime; the page shows that.
      if (error instanceof Problem && error.status === 404) await props.onGone();
      throw error;
    }
    await props.onSet(person.username, password);
  });

  const said = { name: person.display_name, username: person.username };
  return (
    <form class="form" onSubmit={form.onSubmit}>
      <p>{t(person.is_invitation ? "link.text_invitation" : "link.text_reset", said)}</p>
      {/* So that a password manager knows whose password it is. */}
      <input
        class="only-heard"
        name="username"
        autocomplete="username"
        value={person.username}
        readOnly
        tabIndex={-1}
        aria-hidden="true"
      />
      <NewPasswordField label={t("link.password")} name="password" {...form.field("password")} />
      <FormProblem of={form} />
      <Button look="main" type="submit" isBusy={form.isBusy}>
        {t("link.set")}
      </Button>
      <p class="note">{t("link.until", { when: formatDateTime(person.expires_at, now.value) })}</p>
    </form>
  );
}
