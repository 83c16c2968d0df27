import { type Signal, useSignal } from "@preact/signals";
import { type ComponentChildren, createContext, type RefObject } from "preact";
import { useContext, useEffect, useRef } from "preact/hooks";
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

type Sections = ReadonlyMap<HTMLElement, string>;
const SectionsContext = createContext<Signal<Sections> | null>(null);

/** A part of a page under its own heading. */
export function Section(props: {
  title: string;
  text?: string;
  of?: RefObject<HTMLElement | null>;
  children: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const sections = useContext(SectionsContext);
  const { title } = props;
  useEffect(() => {
    const here = heading.current;
    if (!sections || !here) return;
    sections.value = new Map([...sections.peek(), [here, title]]);
    return () => {
      sections.value = new Map([...sections.peek()].filter(([each]) => each !== here));
    };
  }, [sections, title]);
  return (
    <section class="section" ref={props.of}>
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {props.text && <p class="soft">{props.text}</p>}
      {props.children}
    </section>
  );
}

/** Sections, and on a desk their list beside them. */
export function SectionsWithList({ label, children }: { label: string; children: ComponentChildren }) {
  const sections = useSignal<Sections>(new Map());
  const inOrder = [...sections.value].sort(([a], [b]) =>
    a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1,
  );
  return (
    <div class="sections-with-list">
      <nav aria-label={label}>
        <ul>
          {inOrder.map(([heading, title]) => (
            <li key={title}>
              <button
                type="button"
                class="row-link"
                onClick={() => {
                  heading.scrollIntoView({ block: "start" });
                  heading.focus({ preventScroll: true });
                }}
              >
                {title}
              </button>
            </li>
          ))}
        </ul>
      </nav>
      <div>
        <SectionsContext.Provider value={sections}>{children}</SectionsContext.Provider>
      </div>
    </div>
  );
}
