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

export const wordOf = (mark: Mark) => t(`state.${mark}`);

/** A shape and a word, never colour alone. With `isShort` the word is for screen readers only. */
export function StateMark({ mark, isShort = false }: { mark: Mark; isShort?: boolean }) {
  return <ShapeAndWord look={mark} word={wordOf(mark)} isShort={isShort} />;
}

/** The same for states that have words of their own. */
export function ShapeAndWord(props: { look: Mark; shape?: Shape; word: string; isShort?: boolean }) {
  const [stroked, filled] = DRAWN[props.shape ?? SHAPE[props.look]];
  return (
    <span class={`mark ${props.look}`}>
      <svg class="shape" viewBox="0 0 16 16" aria-hidden="true">
        <path d={stroked} />
        {filled && <path class="filled" d={filled} />}
      </svg>
      <span class={props.isShort ? "only-heard" : "word"}>{props.word}</span>
    </span>
  );
}
