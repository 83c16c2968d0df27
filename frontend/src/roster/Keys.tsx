import { Dialog } from "../ui/Dialog";
import { word } from "./words";

const CTRL = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl";

/** The keys of the grid, for those who want to be faster than a spreadsheet. */
export function Keys({ onClose }: { onClose: () => void }) {
  const lines = [
    [[word("key.arrows"), "Home", "End", "PgUp", "PgDn"], word("keys.move")],
    [[`Shift ${word("key.arrows")}`], word("keys.select")],
    [[`${CTRL} A`], word("keys.all")],
    [[word("key.code")], word("keys.type")],
    [[word("key.enter"), "F2"], word("keys.open")],
    [["Delete", "⌫"], word("keys.clear")],
    [[`${CTRL} C`, "X", "V"], word("keys.clipboard")],
    [[`${CTRL} D`, "R"], word("keys.fill")],
    [[`${CTRL} Z`, `${CTRL} Shift Z`, `${CTRL} Y`], word("keys.undo")],
    [["Esc"], word("keys.escape")],
  ] as const;
  return (
    <Dialog title={word("keys_title")} onClose={onClose}>
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
