import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { otherComplaints, problemOf, problemText } from "../api/problem";
import { t } from "../i18n";
import { useAttempt } from "./attempt";
import { Button } from "./Button";
import { Confirm, Dialog } from "./Dialog";
import { FormFoot } from "./FormFoot";

/**
 * What a form holds, and how it is sent. The names of the values are the API's: `field` gives a control its value and the
 * server's complaint about it, `bind` only its value. A complaint that no control shows stands at the end of the form.
 */
export function useForm<V extends object>(
  initial: V | (() => V),
  send: (values: V) => Promise<unknown> = async () => undefined,
) {
  const [values, setValues] = useState(initial);
  const [first] = useState(values);
  const { isBusy, problem, setProblem, attempt } = useAttempt();
  const drawn = { fields: new Set<string>() };

  const set = (change: Partial<V> | ((before: V) => Partial<V>)) =>
    setValues((before) => ({ ...before, ...(typeof change === "function" ? change(before) : change) }));
  const errorOf = (name: string) => {
    const text = problemOf(problem, name);
    if (text) drawn.fields.add(name);
    return text;
  };
  const bind = <K extends keyof V & string>(name: K) => ({
    value: values[name],
    onValue: (value: V[K]) => set({ [name]: value } as unknown as Partial<V>),
  });
  const field = <K extends keyof V & string>(name: K) => ({ ...bind(name), error: errorOf(name) });
  const onSubmit = (event: Event) => {
    event.preventDefault();
    if (!isBusy) void attempt(() => send(values));
  };
  const isChanged = values !== first && JSON.stringify(values) !== JSON.stringify(first);
  return {
    values,
    set,
    bind,
    field,
    errorOf,
    attempt,
    isBusy,
    isChanged,
    problem,
    setProblem,
    onSubmit,
    drawn,
  };
}

/** What the frame of a form needs of it. */
export type FormState = Pick<
  ReturnType<typeof useForm>,
  "isBusy" | "isChanged" | "problem" | "onSubmit" | "drawn"
>;

interface ProblemProps {
  of: Pick<FormState, "problem" | "drawn">;
  /** The words for a refusal that no field shows. */
  explain?: (problem: unknown) => string;
  /** Stands in place of a refusal while there is none. */
  hint?: string | false | null;
}

/** Why a form was refused, read out when it appears; without what stands beside its field. */
export function FormProblem({ of, explain = problemText, hint }: ProblemProps) {
  const line = useRef<HTMLParagraphElement>(null);
  const { problem, drawn } = of;
  // The button may be in sight while the complaint is not.
  useEffect(() => {
    if (problem === null) return;
    const wrong = line.current?.closest("form")?.querySelector(".field.wrong");
    (wrong ?? line.current)?.scrollIntoView?.({ block: "nearest" });
    wrong?.querySelector<HTMLElement>(".input")?.focus({ preventScroll: true });
  }, [problem]);
  return (
    <p ref={line} class="form-problem" role="alert">
      {problem === null
        ? hint
        : drawn.fields.size === 0
          ? explain(problem)
          : otherComplaints(problem, drawn.fields)}
    </p>
  );
}

interface FormProps extends ProblemProps {
  of: FormState;
  /** The main button's label; by default “Save”. */
  action?: string;
  isDisabled?: boolean;
  children: ComponentChildren;
}

/** A form on a page: its fields, why it was refused, and its button. */
export function Form({ of, action, isDisabled, children, ...props }: FormProps) {
  return (
    <form class="form" onSubmit={of.onSubmit}>
      {children}
      <FormProblem of={of} {...props} />
      <div>
        <Button type="submit" isBusy={of.isBusy} disabled={isDisabled}>
          {action ?? t("action.save")}
        </Button>
      </div>
    </form>
  );
}

interface DialogFormProps extends FormProps {
  onClose: () => void;
  look?: "main" | "act";
  autocomplete?: "off";
  /** Further buttons. */
  more?: ComponentChildren;
}

/** The same in a dialog. */
export function DialogForm({ of, children, ...props }: DialogFormProps) {
  return (
    <form class="form" autocomplete={props.autocomplete} onSubmit={of.onSubmit}>
      {children}
      <FormProblem of={of} {...props} />
      <FormFoot isBusy={of.isBusy} {...props}>
        {props.more}
      </FormFoot>
    </form>
  );
}

/** A dialog that is one form. What was typed is not lost by a slip: only its own button closes it without a question. */
export function FormDialog({
  title,
  isWide,
  isBeside,
  ...form
}: DialogFormProps & { title: string; isWide?: boolean; isBeside?: boolean }) {
  const [isLeaving, setLeaving] = useState(false);
  return (
    <Dialog
      title={title}
      isWide={isWide}
      isBeside={isBeside}
      onClose={() => (form.of.isChanged ? setLeaving(true) : form.onClose())}
    >
      <DialogForm {...form} />
      {isLeaving && (
        <Confirm
          title={t("discard.title")}
          text={t("discard.text")}
          action={t("discard.yes")}
          otherwise={t("discard.no")}
          onYes={form.onClose}
          onClose={() => setLeaving(false)}
        />
      )}
    </Dialog>
  );
}
