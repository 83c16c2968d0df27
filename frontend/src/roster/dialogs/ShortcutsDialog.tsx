import { Dialog } from "../../ui/Dialog";
import { t } from "./words";

const CTRL = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl";

/** The keyboard shortcuts of the grid. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const lines = [
    [[t("key.arrows"), "Home", "End", "PgUp", "PgDn"], t("keys.move")],
    [[`Shift ${t("key.arrows")}`], t("keys.select")],
    [[`${CTRL} A`], t("keys.all")],
    [[t("key.code")], t("keys.type")],
    [[t("key.enter"), "F2"], t("keys.open")],
    [["Delete", "Backspace"], t("keys.clear")],
    [[`${CTRL} C`, "X", "V"], t("keys.clipboard")],
    [[`${CTRL} D`, "R"], t("keys.fill")],
    [[`${CTRL} Z`, `${CTRL} Shift Z`, `${CTRL} Y`], t("keys.undo")],
    [[`${CTRL} F`], t("keys.find")],
    [["Esc"], t("keys.escape")],
  ] as const;
  return (
    <Dialog title={t("keys_title")} onClose={onClose}>
      <dl class="keys">
        {lines.map(([keys, text]) => (
          <div key={text}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
