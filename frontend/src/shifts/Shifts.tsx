import { t } from "../i18n";
import { Page } from "../ui/Page";

export function Shifts() {
  return <Page title={t("page.shifts")}>{null}</Page>;
}
