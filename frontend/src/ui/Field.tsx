import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { Icon } from "./Icon";

interface FieldProps {
  label: string;
  hint?: string | undefined;
  error?: string | null | undefined;
  children: (wiring: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ComponentChildren;
}

/** A label, one control, and below it what to know or what is wrong. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div class={`field${error ? " wrong" : ""}`}>
      <label for={id}>{label}</label>
      {children({
        id,
        ...(note ? { "aria-describedby": `${id}-note` } : {}),
        ...(error ? { "aria-invalid": true as const } : {}),
      })}
      {note && (
        <p id={`${id}-note`} class="note">
          {note}
        </p>
      )}
    </div>
  );
}

interface TextFieldProps {
  label: string;
  hint?: string | undefined;
  error?: string | null | undefined;
  value: string;
  type?: "text" | "password" | "tel" | "url" | "search" | "date" | "time" | "email";
  name?: string;
  autocomplete?: string;
  autocapitalize?: "none";
  spellcheck?: boolean;
  inputMode?: "numeric";
  required?: boolean;
  placeholder?: string;
  minLength?: number;
  maxLength?: number;
  /** Takes the focus when it appears. */
  isFirst?: boolean;
  onValue: (value: string) => void;
}

// The element's types name each `type` apart, with its own roles; one of them stands for all.
export function TextField({ label, hint, error, onValue, type, isFirst, ...input }: TextFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    if (isFirst) field.current?.focus();
  }, [isFirst]);
  return (
    <Field label={label} hint={hint} error={error}>
      {(wiring) => {
        const control = (
          <input
            {...input}
            {...wiring}
            ref={field}
            type={((isShown ? "text" : type) ?? "text") as "text"}
            class="input"
            onInput={(event) => onValue(event.currentTarget.value)}
          />
        );
        if (type !== "password") return control;
        return (
          <span class="readable">
            {control}
            <button
              type="button"
              class="icon-button"
              aria-label={t("auth.show_typed")}
              aria-pressed={isShown}
              onClick={() => setShown(!isShown)}
            >
              <Icon name="preview" size={18} />
            </button>
          </span>
        );
      }}
    </Field>
  );
}

interface NumberFieldProps {
  label: string;
  hint?: string | undefined;
  error?: string | null | undefined;
  /** Null is an empty field. */
  value: number | null;
  min?: number;
  max?: number;
  unit?: string;
  /** With room for ten digits. */
  isLong?: boolean;
  placeholder?: string;
  required?: boolean;
  onValue: (value: number | null) => void;
}

export function NumberField({
  label,
  hint,
  error,
  unit,
  isLong,
  onValue,
  value,
  ...input
}: NumberFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(wiring) => (
        <span class="with-unit">
          <input
            {...input}
            {...wiring}
            class={isLong ? "input number long" : "input number"}
            type="number"
            inputMode="numeric"
            value={value ?? ""}
            onInput={(event) => {
              const typed = event.currentTarget.valueAsNumber;
              onValue(Number.isNaN(typed) ? null : typed);
            }}
          />
          {unit && <span class="soft">{unit}</span>}
        </span>
      )}
    </Field>
  );
}

export interface Choice<T extends string | number> {
  value: T;
  label: string;
}

interface SelectFieldProps<T extends string | number> {
  label: string;
  hint?: string;
  error?: string | null;
  value: T;
  choices: readonly Choice<T>[];
  onValue: (value: T) => void;
  isLabelHidden?: boolean;
  disabled?: boolean;
}

export function SelectField<T extends string | number>(props: SelectFieldProps<T>) {
  const { label, hint, error, value, choices, onValue, isLabelHidden, disabled } = props;
  const select = (wiring: object) => (
    <select
      {...wiring}
      class="input"
      disabled={disabled}
      onChange={(event) => {
        const picked = choices[event.currentTarget.selectedIndex];
        if (picked) onValue(picked.value);
      }}
    >
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value} selected={choice.value === value}>
          {choice.label}
        </option>
      ))}
    </select>
  );
  if (isLabelHidden)
    return (
      <>
        {select({ "aria-label": label })}
        <Complaint text={error} />
      </>
    );
  return (
    <Field label={label} hint={hint} error={error}>
      {select}
    </Field>
  );
}

const Complaint = ({ text }: { text: string | null | undefined }) =>
  text ? <p class="note form-problem">{text}</p> : null;

interface ChoicesProps<T extends string | number> {
  label: string;
  error?: string | null;
  value: T;
  choices: readonly (Choice<T> & { hint?: string })[];
  onValue: (value: T) => void;
}

function Radios<T extends string | number>({ choices, value, onValue }: ChoicesProps<T>) {
  const name = useId();
  return choices.map((choice) => (
    <label key={choice.value}>
      <input
        type="radio"
        name={name}
        checked={choice.value === value}
        onChange={() => onValue(choice.value)}
      />
      <span>{choice.label}</span>
      {choice.hint && <span class="note">{choice.hint}</span>}
    </label>
  ));
}

/** A few choices side by side; one is taken. */
export function Segments<T extends string | number>(props: ChoicesProps<T> & { isLabelHidden?: boolean }) {
  return (
    <fieldset class="segments">
      <legend class={props.isLabelHidden ? "only-heard" : "field-label"}>{props.label}</legend>
      <div>
        <Radios {...props} />
      </div>
      <Complaint text={props.error} />
    </fieldset>
  );
}

export function CheckField(props: {
  label: string;
  hint?: string | undefined;
  error?: string | null;
  value: boolean;
  onValue: (value: boolean) => void;
}) {
  const id = useId();
  return (
    <div class="check">
      <input
        id={id}
        type="checkbox"
        checked={props.value}
        aria-describedby={props.hint ? `${id}-note` : undefined}
        onChange={(event) => props.onValue(event.currentTarget.checked)}
      />
      <label for={id}>{props.label}</label>
      {props.hint && (
        <p id={`${id}-note`} class="note">
          {props.hint}
        </p>
      )}
      <Complaint text={props.error} />
    </div>
  );
}

/** A few choices below each other, for those that need more words. */
export function Choices<T extends string | number>(props: ChoicesProps<T>) {
  return (
    <fieldset class="choices">
      <legend class="field-label">{props.label}</legend>
      <Radios {...props} />
      <Complaint text={props.error} />
    </fieldset>
  );
}
