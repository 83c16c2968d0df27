import { t } from "../i18n";
import { Page } from "../ui/Page";

export function Log() {
  return <Page title={t("page.log")}>{null}</Page>;
}
