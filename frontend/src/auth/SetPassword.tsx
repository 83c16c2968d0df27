import { useState } from "preact/hooks";
import { api } from "../api/client";
import { Problem } from "../api/problem";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { now } from "../lib/now";
import { formatDateTime } from "../lib/time";
import { Button } from "../ui/Button";
import { Loaded } from "../ui/EmptyState";
import { TextField } from "../ui/Field";
import { FormProblem, useForm } from "../ui/Form";
import { Entrance } from "./Entrance";
import { NewPasswordField } from "./PasswordFields";
import { t } from "./words";

type Linked = components["schemas"]["LinkedPerson"];

/** Where an invitation or a reset link leads. The token is in the fragment: it never reaches a server's log. */
export function SetPassword() {
  const [token] = useState(() => location.hash.slice(1));
  const link = useResource("link", async () => {
    try {
      return { person: await api.post("/api/v1/auth/password-link/check", { body: { token } }) };
    } catch (error) {
      if (error instanceof Problem && (error.status === 404 || error.status === 422)) return { person: null };
      throw error;
    }
  });
  const [isDone, setDone] = useState(false);

  if (isDone)
    return (
      <Entrance title={t("link.done")}>
        {/* A full load: this browser may be signed in as another person, or signed out by now. */}
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
        {({ person }) =>
          person ? (
            <PasswordForm person={person} token={token} onDone={() => setDone(true)} onGone={link.reload} />
          ) : (
            <>
              <p>{t("errors.link_not_valid")}</p>
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
  onDone: () => void;
  onGone: () => Promise<void>;
}) {
  const { person, token } = props;
  const [isDifferent, setDifferent] = useState(false);
  const form = useForm({ password: "", again: "" }, async ({ password, again }) => {
    setDifferent(password !== again);
    if (password !== again) return;
    try {
      await api.post("/api/v1/auth/password-link", { body: { token, password } });
      props.onDone();
    } catch (error) {
      // Used or replaced in the meantime; the page shows that.
      if (error instanceof Problem && error.status === 404) await props.onGone();
      throw error;
    }
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
      <TextField
        label={t("link.again")}
        type="password"
        autocomplete="new-password"
        required
        {...form.bind("again")}
        error={isDifferent ? t("link.differ") : null}
      />
      <FormProblem of={form} />
      <Button look="main" type="submit" isBusy={form.isBusy}>
        {t("link.set")}
      </Button>
      <p class="note">{t("link.until", { when: formatDateTime(person.expires_at, now.value) })}</p>
    </form>
  );
}
