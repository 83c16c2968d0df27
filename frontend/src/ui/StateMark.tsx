import { t } from "../i18n";

/** The five states people see. The server's finer ones fold into them. */
export type Mark = "waiting" | "nagging" | "done" | "missed" | "skipped";

export const MARKS: readonly Mark[] = ["waiting", "nagging", "done", "missed", "skipped"];

export type Shape = "ring" | "half" | "dot" | "cross" | "pause";

export const SHAPE: Readonly<Record<Mark, Shape>> = {
  waiting: "ring",
  nagging: "half",
  done: "dot",
  missed: "cross",
  skipped: "pause",
};

const CIRCLE = "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3";
/** Drawn, not written: fonts lack some of them. What is stroked, and what is filled. */
const DRAWN: Readonly<Record<Shape, readonly [stroked: string, filled?: string]>> = {
  ring: [CIRCLE],
  half: [CIRCLE, "M8 3a5 5 0 0 0 0 10z"],
  dot: [CIRCLE, CIRCLE],
  cross: ["M4 4l8 8M12 4l-8 8"],
  pause: ["M5.700 3.500v9M10.300 3.500v9"],
};

const MARK: Readonly<Record<string, Mark>> = {
  nagging: "nagging",
  acknowledged: "done",
  punched: "done",
  missed: "missed",
  expired: "missed",
  failed: "missed",
  skipped: "skipped",
};

export const markOf = (status: string): Mark => MARK[status] ?? "waiting";

/** The word of a state; a day of leave is not one that somebody chose to skip. */
export const wordOf = (mark: Mark, endedBy?: string) =>
  t(mark === "skipped" && endedBy === "leave" ? "state.leave" : `state.${mark}`);

interface Reminded {
  status: string;
  ended_by: string;
}

/** The state of a reminder: a shape and a word, never colour alone. */
export const StateMark = ({ of: { status, ended_by } }: { of: Reminded }) => (
  <ShapeAndWord look={markOf(status)} word={wordOf(markOf(status), ended_by)} />
);

export function Sign({ shape }: { shape: Shape }) {
  const [stroked, filled] = DRAWN[shape];
  return (
    <svg class="shape" viewBox="0 0 16 16" aria-hidden="true">
      <path d={stroked} />
      {filled && <path class="filled" d={filled} />}
    </svg>
  );
}

/** The same for states that have words of their own. With `isShort` the word is for screen readers only. */
export const ShapeAndWord = (props: { look: Mark; shape?: Shape; word: string; isShort?: boolean }) => (
  <span class={`mark ${props.look}`}>
    <Sign shape={props.shape ?? SHAPE[props.look]} />
    <span class={props.isShort ? "only-heard" : "word"}>{props.word}</span>
  </span>
);
