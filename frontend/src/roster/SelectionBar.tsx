import { Icon } from "../ui/Icon";
import { t } from "./words";

const DEEDS = ["copy", "cut", "paste", "fill_down", "fill_right"] as const;
export type Deed = (typeof DEEDS)[number] | "done";

interface SelectionBarProps {
  /** How many cells are selected. */
  cells: number;
  onDeed: (deed: Deed) => void;
}

/** What keys do at a desk, as buttons at the thumb while cells are being selected by touch. */
export function SelectionBar({ cells, onDeed }: SelectionBarProps) {
  const said = t("cells", { n: cells });
  return (
    <fieldset class="selection-bar">
      <legend class="only-heard">{t("selected", { n: cells })}</legend>
      {DEEDS.map((deed) => (
        <button key={deed} type="button" onClick={() => onDeed(deed)}>
          <Icon name={deed} />
          <span>{t(deed)}</span>
        </button>
      ))}
      <button type="button" aria-label={`${said} ${t("end_selecting")}`} onClick={() => onDeed("done")}>
        <Icon name="close" />
        <span>{said}</span>
      </button>
    </fieldset>
  );
}
