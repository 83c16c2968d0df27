import { t } from "../i18n";
import { Page } from "../ui/Page";

export function Today() {
  return <Page title={t("page.today")}>{null}</Page>;
}
