import { useState } from "preact/hooks";
import { addressOf } from "../lib/router";
import { Dialog } from "../ui/Dialog";
import { Segments } from "../ui/Field";
import { t } from "./words";

const VENDORS = ["dingtalk", "dingtalk_card", "feishu", "wecom", "telegram", "ntfy"] as const;
type Vendor = (typeof VENDORS)[number];

/** How each vendor is set up, step by step, so that its buttons answer. */
export function ChatGuides({ onClose }: { onClose: () => void }) {
  const [vendor, setVendor] = useState<Vendor>("dingtalk");
  return (
    <Dialog title={t("guide.title")} onClose={onClose} isWide>
      <div class="form">
        <Segments<Vendor>
          label={t("guide.vendor")}
          value={vendor}
          choices={VENDORS.map((each) => ({ value: each, label: t(`chat.${each}`) }))}
          onValue={setVendor}
        />
        <ol class="guide">
          {[...t(`guide.${vendor}`).split("\n"), t("guide.try")].map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
        <footer class="form-foot">
          <a class="button main" href={addressOf("channels")}>
            {t("guide.channels")}
          </a>
        </footer>
      </div>
    </Dialog>
  );
}
