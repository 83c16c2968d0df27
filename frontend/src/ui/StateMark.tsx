import { t } from "../i18n";

/** The five states people see. The server's finer ones fold into them. */
export type Mark = "waiting" | "nagging" | "done" | "missed" | "skipped";

export const MARKS: readonly Mark[] = ["waiting", "nagging", "done", "missed", "skipped"];

export const SHAPE: Readonly<Record<Mark, string>> = {
  waiting: "○",
  nagging: "◐",
  done: "●",
  missed: "✕",
  skipped: "⏸",
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
  return <ShapeAndWord look={mark} shape={SHAPE[mark]} word={wordOf(mark)} isShort={isShort} />;
}

/** The same for states that have words of their own. */
export function ShapeAndWord(props: { look: Mark; shape: string; word: string; isShort?: boolean }) {
  return (
    <span class={`mark ${props.look}`}>
      <span class="shape" aria-hidden="true">
        {props.shape}
      </span>
      <span class={props.isShort ? "only-heard" : "word"}>{props.word}</span>
    </span>
  );
}
