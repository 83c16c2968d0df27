import { CheckField, Field, NumberField, SelectField, TextField } from "../ui/Field";
import type { ConfigField, Values } from "./schema";
import { t } from "./words";

/** Numbers from here on, and those without an end, have more than five digits. */
const LONG = 100_000;

interface ConfigInputProps {
  field: ConfigField;
  value: Values[string];
  /** A secret that has a value already. */
  isSaved?: boolean;
  error: string | null;
  people?: readonly { id: number; display_name: string }[] | undefined;
  onValue: (value: Values[string]) => void;
}

/** The control of one setting. */
export function ConfigInput({
  field,
  value,
  isSaved,
  error: refused,
  people = [],
  onValue,
}: ConfigInputProps) {
  const error = refused && field.example ? `${refused} ${t("like", { example: field.example })}` : refused;
  const { label } = field;
  const hint = field.hint || undefined;
  const text = value === null || value === undefined || value === false ? "" : String(value);
  const isOptional = !field.isRequired && field.initial === null;
  switch (field.kind) {
    case "switch":
      return <CheckField label={label} {...(hint && { hint })} checked={value === true} onValue={onValue} />;
    case "number":
      return (
        <NumberField
          label={label}
          hint={hint}
          error={error}
          required={!isOptional}
          isLong={field.maximum === undefined || field.maximum >= LONG}
          {...(field.minimum !== undefined && { min: field.minimum })}
          {...(field.maximum !== undefined && { max: field.maximum })}
          value={typeof value === "number" ? value : null}
          onValue={onValue}
        />
      );
    case "person":
      return (
        <SelectField
          label={label}
          {...(hint && { hint })}
          error={error}
          value={typeof value === "number" ? value : 0}
          choices={[
            { value: 0, label: t("none") },
            ...people.map((person) => ({ value: person.id, label: person.display_name })),
          ]}
          onValue={(id) => onValue(id || null)}
        />
      );
    case "choice":
      return (
        <SelectField
          label={label}
          {...(hint && { hint })}
          error={error}
          value={text}
          choices={isOptional ? [{ value: "", label: "–" }, ...field.choices] : field.choices}
          onValue={(choice) => onValue(choice || null)}
        />
      );
    case "list":
    case "long":
      return (
        <Field
          label={label}
          hint={[field.hint, field.kind === "list" ? t("list") : ""].filter(Boolean).join(" ")}
          error={error}
        >
          {(wiring) => (
            <textarea
              {...wiring}
              class="input"
              required={field.isRequired}
              placeholder={field.example}
              value={text}
              onInput={(event) => onValue(event.currentTarget.value)}
            />
          )}
        </Field>
      );
    default: {
      const input = (
        <TextField
          label={label}
          hint={isSaved ? `${field.hint} ${t("keep")}`.trim() : hint}
          error={error}
          type={field.isSecret ? "password" : "text"}
          autocomplete={field.isSecret ? "new-password" : "off"}
          placeholder={isSaved ? t("saved") : (field.example ?? "")}
          required={field.isRequired && !isSaved}
          {...(field.maxLength !== undefined && { maxLength: field.maxLength })}
          value={text}
          onValue={onValue}
        />
      );
      if (!isSaved || field.isRequired) return input;
      return (
        <div>
          {value !== false && input}
          <CheckField
            label={value === false ? `${label}: ${t("clear")}` : t("clear")}
            checked={value === false}
            onValue={(isCleared) => onValue(isCleared ? false : null)}
          />
        </div>
      );
    }
  }
}
