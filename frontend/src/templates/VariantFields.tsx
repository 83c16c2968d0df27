import type { components } from "../api/schema";
import { localized } from "../i18n";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import type { Part, StageAction } from "./stageForm";
import type { Variant } from "./template";
import { t } from "./words";

const MAX_LENGTH: Readonly<Record<Part, number>> = { title: 100, line: 300 };

export const keyOf = (index: number, part: Part) => `${index} ${part}`;

interface VariantFieldsProps {
  variant: Variant;
  index: number;
  count: number;
  errorOf: (part: Part) => string | null;
  /** The inputs that are drawn, by `keyOf`. */
  inputs: Map<string, HTMLInputElement>;
  dispatch: (action: StageAction) => void;
}

/** One variant of the message: its title and its line. */
export function VariantFields({ variant, index, count, errorOf, inputs, dispatch }: VariantFieldsProps) {
  return (
    <fieldset class="variant">
      <legend class={count > 1 ? "field-label" : "only-heard"}>{t("variant", { n: index + 1 })}</legend>
      {(["title", "line"] as const).map((part) => (
        <Field
          key={part}
          label={t(part)}
          hint={index > 0 ? undefined : part === "title" ? t("title_hint") : t("line_hint")}
          error={errorOf(part)}
        >
          {(wiring) => (
            <input
              {...wiring}
              class="input"
              required
              maxLength={MAX_LENGTH[part]}
              value={variant[part]}
              ref={(element) => {
                if (element) inputs.set(keyOf(index, part), element);
                else inputs.delete(keyOf(index, part));
              }}
              onFocus={() => dispatch({ type: "focus", index, part })}
              onInput={(event) => dispatch({ type: "text", index, part, text: event.currentTarget.value })}
            />
          )}
        </Field>
      ))}
      {count > 1 && (
        <Button look="quiet" onClick={() => dispatch({ type: "remove", index })}>
          {t("remove")}
        </Button>
      )}
    </fieldset>
  );
}

interface VariablesProps {
  variables: readonly components["schemas"]["VariableRead"][];
  onInsert: (name: string) => void;
}

/** What a message may contain, inserted where the cursor was. */
export function Variables({ variables, onInsert }: VariablesProps) {
  return (
    <fieldset class="variables">
      <legend class="field-label">
        {t("variables")} <span class="soft">{t("variables_hint")}</span>
      </legend>
      <ul>
        {variables.map((variable) => (
          <li key={variable.name}>
            <button
              type="button"
              class="variable"
              aria-label={t("insert", {
                name: `{${variable.name}}`,
                meaning: localized(variable.meaning) ?? "",
              })}
              onClick={() => onInsert(variable.name)}
            >
              <code>{`{${variable.name}}`}</code>
              <span class="small soft">{localized(variable.meaning)}</span>
            </button>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
