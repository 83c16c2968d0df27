import { useState } from "preact/hooks";
import { api } from "../api/client";
import { problemOf } from "../api/problem";
import { isAdmin, me } from "../api/session";
import type { Team } from "../api/teams";
import { MIN_PASSWORD_LENGTH } from "../auth/PasswordFields";
import { Dialog } from "../ui/Dialog";
import { Segments, SelectField, TextField } from "../ui/Field";
import { FormFoot } from "../ui/FormFoot";
import { FormProblem } from "../ui/FormProblem";
import { changedFacts } from "./facts";
import { LinkDialog, type PasswordLink } from "./LinkDialog";
import type { Person } from "./person";
import { t } from "./words";

interface PersonEditorProps {
  /** Null: somebody new. */
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
  const [way, setWay] = useState<"invite" | "password">("invite");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<Role>(person?.role ?? "member");
  const [team, setTeam] = useState(person ? (person.team_id ?? 0) : (me.value?.team_id ?? teams[0]?.id ?? 0));
  const [mobile, setMobile] = useState(person?.mobile ?? "");
  const [dingtalk, setDingtalk] = useState(person?.dingtalk_userid ?? "");
  const [invitation, setInvitation] = useState<PasswordLink | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const calledName = name.trim() || username.trim();

  async function save(event: Event) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    const facts = {
      username: username.trim(),
      display_name: calledName,
      team_id: team || null,
      mobile: mobile.trim() || null,
      dingtalk_userid: dingtalk.trim() || null,
      role,
    };
    try {
      if (person) {
        const change = { ...changedFacts(person, facts), ...(password ? { password } : {}) };
        await api.patch("/api/v1/users/{user_id}", { path: { user_id: person.id }, body: change });
      } else if (way === "invite") {
        const { link } = await api.post("/api/v1/users/invite", { body: { ...facts, is_active: true } });
        setInvitation(link);
        onSaved();
        return;
      } else await api.post("/api/v1/users", { body: { ...facts, password, is_active: true } });
      onSaved();
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }

  if (invitation)
    return (
      <LinkDialog
        title={t("new.invited", { name: calledName })}
        text={t("new.invited_text")}
        link={invitation}
        onClose={onClose}
      />
    );
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
        {!person && (
          <Segments<"invite" | "password">
            label={t("new.how")}
            value={way}
            choices={[
              { value: "invite", label: t("new.invite") },
              { value: "password", label: t("new.password") },
            ]}
            onValue={setWay}
          />
        )}
        {!person && way === "invite" && <p class="note">{t("new.invite_hint")}</p>}
        {(person ? person.id !== me.value?.id : way === "password") && (
          <TextField
            label={t("auth.password")}
            type="password"
            autocomplete="new-password"
            required={!person}
            minLength={MIN_PASSWORD_LENGTH}
            hint={person ? t("person.password_keep") : t("auth.password_hint", { n: MIN_PASSWORD_LENGTH })}
            value={password}
            error={problemOf(problem, "password")}
            onValue={setPassword}
          />
        )}
        <div class="form-row">
          {!person && (
            <SelectField
              label={t("team.one")}
              value={team}
              choices={[
                ...(isAdmin.value ? [{ value: 0, label: t("person.no_team") }] : []),
                ...teams.map((each) => ({ value: each.id, label: each.name })),
              ]}
              onValue={setTeam}
            />
          )}
          {isAdmin.value && (
            <SelectField
              label={t("person.role")}
              value={role}
              choices={ROLES.map((each) => ({ value: each, label: t(`role.${each}`) }))}
              onValue={setRole}
            />
          )}
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
        <FormProblem
          problem={problem}
          isBesideField={FIELDS.some((field) => problemOf(problem, field) !== null)}
        />
        <FormFoot isBusy={isBusy} onClose={onClose} />
      </form>
    </Dialog>
  );
}
