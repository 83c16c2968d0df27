import { useState } from "preact/hooks";
import { api } from "../api/client";
import { useList } from "../api/get";
import { me } from "../api/session";
import { AskFirst } from "../ui/AskFirst";
import { attempt, useRunning } from "../ui/attempt";
import { Button } from "../ui/Button";
import { Section } from "../ui/Page";
import { showToast } from "../ui/Toast";
import { LinkDialog, type PasswordLink } from "./LinkDialog";
import type { WholePerson } from "./person";
import { t } from "./words";

/** The kinds of channels and punch sources with a DingTalk app, which can be asked for a userid. */
const WITH_APP = ["dingtalk_work_notice", "dingtalk_one_to_one", "dingtalk_attendance"];

/** Whether somebody's DingTalk userid can be looked up by their number: with an app of their team, or one that serves everybody. */
function useLookup(person: WholePerson): boolean {
  const wanted = person.mobile && !person.dingtalk_userid ? {} : null;
  const channels = useList("/api/v1/channels", wanted).value ?? [];
  const sources = useList("/api/v1/punch-sources", wanted).value ?? [];
  const ofTeam = channels.filter((each) => each.team_id !== null && each.team_id === person.team_id);
  const serving = sources.filter((each) => each.team_id === null || each.team_id === person.team_id);
  return [...ofTeam, ...serving].some((each) => each.is_enabled && WITH_APP.includes(each.kind));
}

/** How somebody gets in, and how they are kept out. */
export function PersonAccess(props: { person: WholePerson; onChanged: () => Promise<void> }) {
  const { person, onChanged } = props;
  const [link, setLink] = useState<PasswordLink | null>(null);
  const [running, run] = useRunning<"change">();
  const canLookUp = useLookup(person);
  const path = { user_id: person.id };
  const name = person.display_name;
  const act = (work: () => Promise<unknown>, label: string, done?: string) => (
    <Button isBusy={running !== null} onClick={() => void run("change", () => attempt(work, done))}>
      {label}
    </Button>
  );
  const ask = (
    does: "sign_out" | "factor_off" | "deactivate",
    work: () => Promise<unknown>,
    done: string,
  ) => (
    <AskFirst
      label={t(`access.${does}`)}
      text={t(`access.${does}_text`, { name })}
      onYes={() => attempt(work, done)}
    />
  );

  const isSelf = person.id === me.value?.id;
  const makeLink = async () => setLink(await api.post("/api/v1/users/{user_id}/password-link", { path }));
  async function findUserid() {
    const found = await api.post("/api/v1/users/{user_id}/dingtalk-userid", { path });
    showToast(t("page.userid_found", { userid: found.dingtalk_userid }));
    await onChanged();
  }
  const signOut = () => api.post("/api/v1/users/{user_id}/sign-out", { path });
  async function dropFactor() {
    await api.delete("/api/v1/users/{user_id}/second-factor", { path });
    await onChanged();
  }
  async function activate(is_active: boolean) {
    await api.patch("/api/v1/users/{user_id}", { path, body: { is_active } });
    await onChanged();
  }

  return (
    <Section title={t("access.title")} text={isSelf ? undefined : t("access.text")}>
      <div class="form-foot">
        {canLookUp && act(findUserid, t("page.find_userid"))}
        {person.is_active && (
          <>
            {!isSelf && act(makeLink, t(person.has_password ? "access.link" : "access.link_invite"))}
            {ask("sign_out", signOut, t("access.signed_out", { name }))}
            {person.has_second_factor && !isSelf && ask("factor_off", dropFactor, t("access.factor_is_off"))}
          </>
        )}
        {!isSelf &&
          (person.is_active
            ? ask("deactivate", () => activate(false), t("access.deactivated", { name }))
            : act(() => activate(true), t("access.activate"), t("access.activated", { name })))}
      </div>
      {link && (
        <LinkDialog
          title={t(person.has_password ? "reset.title" : "new.invited", { name })}
          text={t(person.has_password ? "reset.text" : "new.invited_text")}
          link={link}
          onClose={() => setLink(null)}
        />
      )}
    </Section>
  );
}
