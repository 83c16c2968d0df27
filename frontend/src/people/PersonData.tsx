import { useState } from "preact/hooks";
import { api, send } from "../api/client";
import { problemText } from "../api/problem";
import { isAdmin, me } from "../api/session";
import { downloadResponse } from "../lib/download";
import { addressOf, go } from "../lib/router";
import { Button } from "../ui/Button";
import { Confirm, Dialog } from "../ui/Dialog";
import { TextField } from "../ui/Field";
import { FormProblem } from "../ui/FormProblem";
import { showToast } from "../ui/Toast";
import type { Person } from "./person";
import { t } from "./words";

/** Exports a person's data, deletes the account (past records keep the name) or erases it (they do not). */
export function PersonData({ person }: { person: Person }) {
  const [asking, setAsking] = useState<"delete" | "erase" | null>(null);
  const [isBusy, setBusy] = useState(false);
  const path = { user_id: person.id };
  const name = person.display_name;
  if (person.id === me.value?.id) return null;

  async function exportAll() {
    setBusy(true);
    try {
      await downloadResponse(await send(`/api/v1/users/${person.id}/export`), `daka-user-${person.id}.json`);
    } catch (error) {
      showToast(problemText(error), { isProblem: true });
    }
    setBusy(false);
  }

  async function remove() {
    setBusy(true);
    try {
      await api.delete("/api/v1/users/{user_id}", { path });
      showToast(t("leave.deleted", { name }));
      go(addressOf("people"));
    } catch (error) {
      showToast(problemText(error), { isProblem: true });
      setAsking(null);
    }
    setBusy(false);
  }

  return (
    <section class="section">
      <h2>{t("leave.title")}</h2>
      <div class="form-foot">
        {isAdmin.value && (
          <Button isBusy={isBusy} onClick={() => void exportAll()}>
            {t("leave.export")}
          </Button>
        )}
        <Button look="quiet" onClick={() => setAsking("delete")}>
          {t("leave.delete")}
        </Button>
        {isAdmin.value && (
          <Button look="quiet" onClick={() => setAsking("erase")}>
            {t("leave.erase")}
          </Button>
        )}
      </div>
      {asking === "delete" && (
        <Confirm
          title={t("leave.delete_title", { name })}
          text={t("leave.delete_text")}
          action={t("leave.delete")}
          isBusy={isBusy}
          onYes={() => void remove()}
          onClose={() => setAsking(null)}
        />
      )}
      {asking === "erase" && <Erase person={person} onClose={() => setAsking(null)} />}
    </section>
  );
}

/** The username has to be typed, so that a slip of the hand erases nobody. */
function Erase({ person, onClose }: { person: Person; onClose: () => void }) {
  const [username, setUsername] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);

  async function erase(event: Event) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await api.post("/api/v1/users/{user_id}/erase", {
        path: { user_id: person.id },
        body: { username: username.trim() },
      });
      showToast(t("leave.erased"));
      go(addressOf("people"));
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }

  return (
    <Dialog title={t("leave.erase_title", { name: person.display_name })} onClose={onClose}>
      <form class="form" onSubmit={erase}>
        <p>{t("leave.erase_text")}</p>
        <TextField
          label={t("leave.erase_confirm", { username: person.username })}
          autocapitalize="none"
          autocomplete="off"
          spellcheck={false}
          required
          value={username}
          onValue={setUsername}
        />
        <FormProblem problem={problem} />
        <footer class="form-foot">
          <Button
            look="act"
            type="submit"
            isBusy={isBusy}
            disabled={username.trim().toLowerCase() !== person.username}
          >
            {t("leave.erase")}
          </Button>
          <Button look="quiet" onClick={onClose}>
            {t("action.cancel")}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
