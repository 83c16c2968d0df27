import { t } from "../i18n";
import { Page } from "../ui/Page";

export function Channels() {
  return <Page title={t("page.channels")}>{null}</Page>;
}
