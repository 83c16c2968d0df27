import { useState } from "preact/hooks";
import { api } from "../api/client";
import { problemOf, sayProblem } from "../api/problem";
import { isAdmin, me } from "../api/session";
import { SHORTEST_PASSWORD } from "../auth/SetUp";
import { t } from "../i18n";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { CheckField, SelectField, TextField } from "../ui/Field";
import type { Person, Team } from "./People";

interface PersonEditorProps {
  person: Person | null;
  teams: Team[];
  onClose: () => void;
  onSaved: () => void;
}

type Role = Person["role"];
const ROLES: readonly Role[] = ["member", "planner", "admin"];
const FIELDS = ["username", "display_name", "password", "mobile", "dingtalk_userid"];

export function PersonEditor({ person, teams, onClose, onSaved }: PersonEditorProps) {
  const [username, setUsername] = useState(person?.username ?? "");
  const [name, setName] = useState(person?.display_name ?? "");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<Role>(person?.role ?? "member");
  const [team, setTeam] = useState(person ? (person.team_id ?? 0) : (me.value?.team_id ?? teams[0]?.id ?? 0));
  const [mobile, setMobile] = useState(person?.mobile ?? "");
  const [dingtalk, setDingtalk] = useState(person?.dingtalk_userid ?? "");
  const [isActive, setActive] = useState(person?.is_active ?? true);
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);

  async function save(event: Event) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    const facts = {
      username: username.trim(),
      display_name: name.trim() || username.trim(),
      team_id: team || null,
      mobile: mobile.trim() || null,
      dingtalk_userid: dingtalk.trim() || null,
      ...(isAdmin.value ? { role } : {}),
    };
    try {
      if (person)
        await api.patch("/api/v1/users/{user_id}", {
          path: { user_id: person.id },
          body: { ...facts, is_active: isActive, ...(password ? { password } : {}) },
        });
      else await api.post("/api/v1/users", { body: { ...facts, password, role, is_active: true } });
      onSaved();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }

  return (
    <Dialog title={person ? person.display_name : t("person.new")} onClose={onClose}>
      <form class="form" onSubmit={save} autocomplete="off">
        <div class="form-row">
          <TextField
            label={t("person.display_name")}
            value={name}
            maxLength={80}
            error={problemOf(problem, "display_name")}
            onValue={setName}
          />
          <TextField
            label={t("auth.username")}
            autocapitalize="none"
            autocomplete="off"
            required
            value={username}
            error={problemOf(problem, "username")}
            onValue={setUsername}
          />
        </div>
        <TextField
          label={t("auth.password")}
          type="password"
          autocomplete="new-password"
          required={!person}
          minLength={SHORTEST_PASSWORD}
          hint={person ? t("person.password_keep") : t("auth.password_hint", { n: SHORTEST_PASSWORD })}
          value={password}
          error={problemOf(problem, "password")}
          onValue={setPassword}
        />
        <div class="form-row">
          <SelectField
            label={t("team.one")}
            value={team}
            choices={[
              ...(isAdmin.value || !person?.team_id ? [{ value: 0, label: t("person.no_team") }] : []),
              ...teams.map((each) => ({ value: each.id, label: each.name })),
            ]}
            onValue={setTeam}
          />
          <SelectField
            label={t("person.role")}
            value={role}
            disabled={!isAdmin.value}
            choices={ROLES.map((each) => ({ value: each, label: t(`role.${each}`) }))}
            onValue={setRole}
          />
        </div>
        <div class="form-row">
          <TextField
            label={t("person.mobile")}
            hint={t("person.mobile_hint")}
            type="tel"
            value={mobile}
            error={problemOf(problem, "mobile")}
            onValue={setMobile}
          />
          <TextField
            label={t("person.dingtalk")}
            value={dingtalk}
            error={problemOf(problem, "dingtalk_userid")}
            onValue={setDingtalk}
          />
        </div>
        {person && (
          <CheckField
            label={t("person.is_active")}
            hint={t("person.is_active_hint")}
            checked={isActive}
            onValue={setActive}
          />
        )}
        <p class="form-problem" role="alert">
          {problem !== null && !FIELDS.some((field) => problemOf(problem, field)) && sayProblem(problem)}
        </p>
        <footer class="form-foot">
          <Button look="main" type="submit" isBusy={isBusy}>
            {t("action.save")}
          </Button>
          <Button look="quiet" onClick={onClose}>
            {t("action.cancel")}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
