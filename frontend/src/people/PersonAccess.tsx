import { useState } from "preact/hooks";
import { api } from "../api/client";
import { problemText } from "../api/problem";
import { isAdmin, me } from "../api/session";
import { Button } from "../ui/Button";
import { showToast } from "../ui/Toast";
import { LinkDialog, type PasswordLink } from "./LinkDialog";
import type { Person } from "./person";
import { t } from "./words";

/** How somebody gets in, and how they are kept out. Everything here takes effect at once. */
export function PersonAccess({ person, onChanged }: { person: Person; onChanged: () => Promise<void> }) {
  const [link, setLink] = useState<PasswordLink | null>(null);
  const [isBusy, setBusy] = useState(false);
  const path = { user_id: person.id };
  const name = person.display_name;

  async function attempt(work: () => Promise<unknown>, said?: string) {
    setBusy(true);
    try {
      await work();
      if (said) showToast(said);
    } catch (error) {
      showToast(problemText(error), { isProblem: true });
    }
    setBusy(false);
  }

  const isSelf = person.id === me.value?.id;
  const makeLink = async () => setLink(await api.post("/api/v1/users/{user_id}/password-link", { path }));
  async function findUserid() {
    const found = await api.post("/api/v1/users/{user_id}/dingtalk-userid", { path });
    showToast(t("page.userid_found", { userid: found.dingtalk_userid }));
    await onChanged();
  }
  const signOut = () => api.post("/api/v1/users/{user_id}/sign-out", { path });
  const dropFactor = () => api.delete("/api/v1/users/{user_id}/second-factor", { path });
  async function activate(is_active: boolean) {
    await api.patch("/api/v1/users/{user_id}", { path, body: { is_active } });
    await onChanged();
  }

  return (
    <section class="section">
      <h2>{t("access.title")}</h2>
      <div class="form-foot">
        {person.mobile && !person.dingtalk_userid && (
          <Button isBusy={isBusy} onClick={() => void attempt(findUserid)}>
            {t("page.find_userid")}
          </Button>
        )}
        {person.is_active && (
          <>
            {!isSelf && (
              <Button isBusy={isBusy} onClick={() => void attempt(makeLink)}>
                {t(person.has_password ? "access.link" : "access.link_invite")}
              </Button>
            )}
            <Button isBusy={isBusy} onClick={() => void attempt(signOut, t("access.signed_out", { name }))}>
              {t("access.sign_out")}
            </Button>
            {isAdmin.value && !isSelf && (
              <Button isBusy={isBusy} onClick={() => void attempt(dropFactor, t("access.factor_is_off"))}>
                {t("access.factor_off")}
              </Button>
            )}
          </>
        )}
        {!isSelf &&
          (person.is_active ? (
            <Button
              isBusy={isBusy}
              onClick={() => void attempt(() => activate(false), t("access.deactivated", { name }))}
            >
              {t("access.deactivate")}
            </Button>
          ) : (
            <Button
              isBusy={isBusy}
              onClick={() => void attempt(() => activate(true), t("access.activated", { name }))}
            >
              {t("access.activate")}
            </Button>
          ))}
      </div>
      <p class="note">{t("access.text")}</p>
      {link && (
        <LinkDialog
          title={t(person.has_password ? "reset.title" : "new.invited", { name })}
          text={t(person.has_password ? "reset.text" : "new.invited_text")}
          link={link}
          onClose={() => setLink(null)}
        />
      )}
    </section>
  );
}
