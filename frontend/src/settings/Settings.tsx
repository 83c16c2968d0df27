import { useGet } from "../api/get";
import { isAdmin, me, signOut } from "../api/session";
import { PUSH_HERE, stored } from "../lib/storage";
import { AskFirst } from "../ui/AskFirst";
import { Button } from "../ui/Button";
import { Page, SectionsWithList } from "../ui/Page";
import { Backups } from "./Backups";
import { Chats } from "./Chats";
import { Connections } from "./Connections";
import { Devices } from "./Devices";
import { Doctor } from "./Doctor";
import { Look } from "./Look";
import { MyData } from "./MyData";
import { MyName } from "./MyName";
import { Notices } from "./Notices";
import { Password } from "./Password";
import { SecondFactor } from "./SecondFactor";
import { t } from "./words";
import "./settings.css";
import { Tokens } from "./Tokens";

/** One's own settings: each section is a component of its own. */
export function Settings() {
  return (
    <Page title={t("page.settings")} class="settings-page">
      <SectionsWithList label={t("page.settings")}>
        <Look />
        <MyName />
        <Notices />
        <Password />
        <SecondFactor />
        <Connections />
        <Chats />
        <Devices />
        <Tokens />
        <MyData />
        {isAdmin.value && <Backups />}
        {isAdmin.value && <Doctor />}
        <Leave />
      </SectionsWithList>
    </Page>
  );
}

function Leave() {
  const health = useGet("/api/health", {});
  const person = me.value;
  return (
    <section class="section">
      <p class="soft">
        {person?.display_name} · {person?.username} · {person?.timezone}
        <br />
        Daka {health.value?.version}
      </p>
      <div>
        <SignOut />
      </div>
    </section>
  );
}

/** Where push is on, it ends with the session: the next person at this device must not get these reminders. */
function SignOut() {
  const label = t("settings.sign_out");
  if (!stored(PUSH_HERE)) return <Button onClick={() => void signOut()}>{label}</Button>;
  const leave = async () => {
    const { turnPushOff } = await import("../channels/push");
    await turnPushOff().catch(() => undefined);
    await signOut();
  };
  return <AskFirst label={label} text={t("sign_out_push")} onYes={leave} />;
}
