import { t } from "../i18n";
import { Page } from "../ui/Page";

export function Calendar() {
  return <Page title={t("page.calendar")}>{null}</Page>;
}
