import { useId } from "preact/hooks";
import { t } from "../i18n";
import { HUES } from "./colour";

/** One of the twelve colours, each with the shift's code as it will look. */
export function HuePicker(props: {
  value: string;
  code: string;
  isNight: boolean;
  onValue: (hue: string) => void;
}) {
  const name = useId();
  return (
    <fieldset>
      <legend class="field-label">{t("shift.color")}</legend>
      <div class="hue-grid">
        {HUES.map(({ hue }, index) => {
          const value = `hue-${index + 1}`;
          return (
            <label key={hue}>
              <input
                type="radio"
                name={name}
                aria-label={t("shift.color_n", { n: index + 1 })}
                checked={props.value === value}
                onChange={() => props.onValue(value)}
              />
              <span class={`code ${value}${props.isNight ? " night" : ""}`} aria-hidden="true">
                {props.code.slice(0, 2) || "班"}
              </span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}
