import { DownloadButton } from "../parts/DownloadButton";
import { Section } from "../ui/Page";
import { t } from "./words";

export const MyData = () => (
  <Section title={t("data.title")} text={t("data.text")}>
    <div>
      <DownloadButton address="/api/v1/me/export" name="daka.json" label={t("data.export")} />
    </div>
  </Section>
);
