import type { ComponentChildren } from "preact";

interface FactRowProps {
  name: ComponentChildren;
  facts: ComponentChildren;
  more?: ComponentChildren;
  /** What can be done about it. */
  children?: ComponentChildren;
}

/** A line of a list: a name, facts about it below, and a button. */
export const FactRow = ({ name, facts, more, children }: FactRowProps) => (
  <li class="row-link">
    <span class="grow">
      {name}
      <br />
      <span class="soft small">{facts}</span>
      {more && <br />}
      {more}
    </span>
    {children}
  </li>
);
