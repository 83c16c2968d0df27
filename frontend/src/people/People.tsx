import { t } from "../i18n";
import { Page } from "../ui/Page";

export function People() {
  return <Page title={t("page.people")}>{null}</Page>;
}
