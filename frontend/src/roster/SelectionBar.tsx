import { Icon } from "../ui/Icon";
import { t } from "./words";

const ACTIONS = ["copy", "cut", "paste", "fill_down", "fill_right"] as const;
export type SelectionAction = (typeof ACTIONS)[number] | "done";

interface SelectionBarProps {
  /** How many cells are selected. */
  cells: number;
  onAction: (action: SelectionAction) => void;
}

/** Copy, cut, paste and fill as buttons, while cells are selected by touch. */
export function SelectionBar({ cells, onAction }: SelectionBarProps) {
  const said = t("cells", { n: cells });
  return (
    <fieldset class="selection-bar">
      <legend class="only-heard">{t("selected", { n: cells })}</legend>
      {ACTIONS.map((action) => (
        <button key={action} type="button" onClick={() => onAction(action)}>
          <Icon name={action} />
          <span>{t(action)}</span>
        </button>
      ))}
      <button type="button" aria-label={`${said} ${t("end_selecting")}`} onClick={() => onAction("done")}>
        <Icon name="close" />
        <span>{said}</span>
      </button>
    </fieldset>
  );
}
