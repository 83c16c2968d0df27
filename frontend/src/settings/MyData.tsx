import { useState } from "preact/hooks";
import { send } from "../api/client";
import { problemText } from "../api/problem";
import { downloadResponse } from "../lib/download";
import { Button } from "../ui/Button";
import { showToast } from "../ui/Toast";
import { t } from "./words";

export function MyData() {
  const [isBusy, setBusy] = useState(false);
  async function exportAll() {
    setBusy(true);
    try {
      await downloadResponse(await send("/api/v1/me/export"), "daka.json");
    } catch (error) {
      showToast(problemText(error), { isProblem: true });
    }
    setBusy(false);
  }
  return (
    <section class="section">
      <h2>{t("data.title")}</h2>
      <p class="soft">{t("data.text")}</p>
      <div>
        <Button isBusy={isBusy} onClick={() => void exportAll()}>
          {t("data.export")}
        </Button>
      </div>
    </section>
  );
}
