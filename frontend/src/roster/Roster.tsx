import { t } from "../i18n";
import { Page } from "../ui/Page";

export function Roster() {
  return <Page title={t("page.roster")}>{null}</Page>;
}
