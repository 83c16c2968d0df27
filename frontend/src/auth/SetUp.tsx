import { useState } from "preact/hooks";
import { Problem, problemOf } from "../api/problem";
import { arrive, createFirstAdmin } from "../api/session";
import { t } from "../i18n";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { FormProblem } from "../ui/FormProblem";
import { Entrance } from "./Entrance";
import { NewPasswordField } from "./PasswordFields";

export function SetUp() {
  const [username, setUsername] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);

  async function create(event: Event) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await createFirstAdmin({
        username: username.trim(),
        password,
        ...(name.trim() ? { display_name: name.trim() } : {}),
      });
    } catch (error) {
      setProblem(error);
      setBusy(false);
      // Somebody else was first: then there is a door to sign in at.
      if (error instanceof Problem && error.status === 409) await arrive();
    }
  }

  const hasFieldProblem = ["username", "display_name", "password"].some((field) => problemOf(problem, field));
  return (
    <Entrance title={t("auth.set_up")}>
      <p class="soft">{t("auth.set_up_text")}</p>
      <form class="form" onSubmit={create}>
        <TextField
          label={t("auth.username")}
          name="username"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
          value={username}
          error={problemOf(problem, "username")}
          onValue={setUsername}
        />
        <TextField
          label={t("person.display_name")}
          name="display_name"
          autocomplete="name"
          value={name}
          error={problemOf(problem, "display_name")}
          onValue={setName}
        />
        <NewPasswordField
          label={t("auth.password")}
          value={password}
          problem={problem}
          onValue={setPassword}
        />
        <FormProblem problem={problem} isBesideField={hasFieldProblem} />
        <Button look="main" type="submit" isBusy={isBusy}>
          {t("auth.create")}
        </Button>
      </form>
    </Entrance>
  );
}
