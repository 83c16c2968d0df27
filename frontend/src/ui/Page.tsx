import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { hasMoved } from "../lib/router";

interface PageProps {
  title: string;
  actions?: ComponentChildren;
  children: ComponentChildren;
  /** The page uses the whole screen. */
  isFull?: boolean;
  isTitleHidden?: boolean;
  class?: string;
}

/** Gives a page its title, its heading, and the focus when one comes from another page. */
export function Page({ title, actions, children, isFull, isTitleHidden, class: more }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${t("app.name")}`;
  }, [title]);
  useEffect(() => {
    if (hasMoved.peek()) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div class={`page${isFull ? " full" : ""} ${more ?? ""}`}>
      <header class={isTitleHidden && !actions ? "only-heard" : ""}>
        <h1 ref={heading} tabIndex={-1} class={isTitleHidden ? "only-heard" : ""}>
          {title}
        </h1>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A part of a page under its own heading. */
export function Section(props: {
  title: string;
  text?: string;
  of?: RefObject<HTMLElement | null>;
  children: ComponentChildren;
}) {
  return (
    <section class="section" ref={props.of}>
      <h2>{props.title}</h2>
      {props.text && <p class="soft">{props.text}</p>}
      {props.children}
    </section>
  );
}
