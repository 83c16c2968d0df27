import { useState } from "preact/hooks";
import { api } from "../api/client";
import { isAdmin, me } from "../api/session";
import { namedChoices, type Team } from "../api/teams";
import { MIN_PASSWORD_LENGTH } from "../auth/PasswordFields";
import { MessageLanguage, type MessageLanguageChoice } from "../parts/MessageLanguage";
import { Segments, SelectField, TextField } from "../ui/Field";
import { FormDialog, useForm } from "../ui/Form";
import { changedFacts } from "./facts";
import { LinkDialog, type PasswordLink } from "./LinkDialog";
import "./people.css";
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

export function PersonEditor({ person, teams, onClose, onSaved }: PersonEditorProps) {
  const [invitation, setInvitation] = useState<PasswordLink | null>(null);
  const initial = {
    username: person?.username ?? "",
    display_name: person?.display_name ?? "",
    way: "invite" as "invite" | "password",
    password: "",
    role: person?.role ?? "member",
    team_id: person ? (person.team_id ?? 0) : (me.value?.team_id ?? teams[0]?.id ?? 0),
    mobile: person?.mobile ?? "",
    dingtalk_userid: person?.dingtalk_userid ?? "",
    wecom_userid: person?.wecom_userid ?? "",
    feishu_userid: person?.feishu_userid ?? "",
    language: (person?.language ?? "") as MessageLanguageChoice,
  };
  const form = useForm(initial, async ({ way, password, ...typed }) => {
    const facts = {
      username: typed.username.trim() || typed.mobile.replace(/\s/g, ""),
      display_name: calledName,
      team_id: typed.team_id || null,
      mobile: typed.mobile.trim() || null,
      dingtalk_userid: typed.dingtalk_userid.trim() || null,
      wecom_userid: typed.wecom_userid.trim() || null,
      feishu_userid: typed.feishu_userid.trim() || null,
      role: typed.role,
    };
    if (person) {
      const changed = changedFacts(person, { ...facts, language: typed.language || null });
      const body = { ...changed, ...(password ? { password } : {}) };
      await api.patch("/api/v1/users/{user_id}", { path: { user_id: person.id }, body });
    } else if (way === "invite") {
      const { link } = await api.post("/api/v1/users/invite", { body: { ...facts, is_active: true } });
      setInvitation(link);
      onSaved();
      return;
    } else await api.post("/api/v1/users", { body: { ...facts, password, is_active: true } });
    onSaved();
    onClose();
  });
  const { way, display_name, username, mobile } = form.values;
  const calledName = display_name.trim() || username.trim() || mobile.trim();

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
    <FormDialog
      title={person ? person.display_name : t("person.new")}
      of={form}
      autocomplete="off"
      onClose={onClose}
    >
      <div class="form-row">
        <TextField label={t("person.display_name")} maxLength={80} {...form.field("display_name")} />
        <TextField
          label={t("auth.username")}
          autocapitalize="none"
          autocomplete="off"
          required={person !== null || !mobile.trim()}
          placeholder={person ? undefined : mobile.trim()}
          hint={person ? undefined : t("new.username_hint")}
          {...form.field("username")}
        />
      </div>
      {!person && (
        <Segments
          label={t("new.how")}
          choices={[
            { value: "invite", label: t("new.invite") },
            { value: "password", label: t("new.password") },
          ]}
          {...form.bind("way")}
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
          {...form.field("password")}
        />
      )}
      <div class="form-row">
        {!person && (
          <SelectField
            label={t("team.one")}
            choices={[
              ...(isAdmin.value ? [{ value: 0, label: t("person.no_team") }] : []),
              ...namedChoices(teams),
            ]}
            {...form.bind("team_id")}
          />
        )}
        {isAdmin.value && (
          <SelectField<Role>
            label={t("person.role")}
            choices={ROLES.map((each) => ({ value: each, label: t(`role.${each}`) }))}
            {...form.bind("role")}
          />
        )}
      </div>
      <div class="form-row">
        <TextField
          label={t("person.mobile")}
          hint={t("person.mobile_hint")}
          type="tel"
          {...form.field("mobile")}
        />
        <TextField label={t("person.dingtalk")} {...form.field("dingtalk_userid")} />
        <TextField label={t("person.wecom")} {...form.field("wecom_userid")} />
        <TextField label={t("person.feishu")} {...form.field("feishu_userid")} />
      </div>
      {person && <MessageLanguage {...form.bind("language")} />}
    </FormDialog>
  );
}
