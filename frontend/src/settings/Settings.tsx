import { useGet } from "../api/get";
import { isAdmin, me, signOut } from "../api/session";
import { t } from "../i18n";
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
        <Button onClick={() => void signOut()}>{t("settings.sign_out")}</Button>
      </div>
    </section>
  );
}
