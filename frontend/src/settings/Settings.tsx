import { t } from "../i18n";
import { Page } from "../ui/Page";

export function Settings() {
  return <Page title={t("page.settings")}>{null}</Page>;
}
