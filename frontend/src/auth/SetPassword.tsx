import { useState } from "preact/hooks";
import { api } from "../api/client";
import { Problem, problemOf } from "../api/problem";
import { useResource } from "../api/resource";
import type { components } from "../api/schema";
import { now } from "../lib/now";
import { formatDateTime } from "../lib/time";
import { Button } from "../ui/Button";
import { Loaded } from "../ui/EmptyState";
import { TextField } from "../ui/Field";
import { FormProblem } from "../ui/FormProblem";
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
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [isDifferent, setDifferent] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);

  async function set(event: Event) {
    event.preventDefault();
    setProblem(null);
    setDifferent(password !== again);
    if (password !== again) return;
    setBusy(true);
    try {
      await api.post("/api/v1/auth/password-link", { body: { token, password } });
      props.onDone();
    } catch (error) {
      setProblem(error);
      setBusy(false);
      // Used or replaced in the meantime; the page shows that.
      if (error instanceof Problem && error.status === 404) await props.onGone();
    }
  }

  const said = { name: person.display_name, username: person.username };
  return (
    <form class="form" onSubmit={set}>
      <p>{t(person.is_invitation ? "link.text_invitation" : "link.text_reset", said)}</p>
      {/* So that a password tokenStore knows whose password it is. */}
      <input
        class="only-heard"
        name="username"
        autocomplete="username"
        value={person.username}
        readOnly
        tabIndex={-1}
        aria-hidden="true"
      />
      <NewPasswordField label={t("link.password")} value={password} problem={problem} onValue={setPassword} />
      <TextField
        label={t("link.again")}
        type="password"
        autocomplete="new-password"
        required
        value={again}
        error={isDifferent ? t("link.differ") : null}
        onValue={setAgain}
      />
      <FormProblem problem={problem} isBesideField={problemOf(problem, "password") !== null} />
      <Button look="main" type="submit" isBusy={isBusy}>
        {t("link.set")}
      </Button>
      <p class="note">{t("link.until", { when: formatDateTime(person.expires_at, now.value) })}</p>
    </form>
  );
}
