import type { ComponentChild, ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { showToast } from "../ui/Toast";

interface LazyOptions<P> {
  /** Drawn while it is fetched; nothing by default. */
  loading?: (props: P) => ComponentChild;
  /** Drawn where it could not be fetched; nothing by default. */
  failed?: (props: P) => ComponentChild;
  onFailed?: (props: P, error: unknown) => void;
}

/** A component that is fetched when it is first drawn, so that it does not weigh on its page. */
export function lazy<P extends object>(
  load: () => Promise<ComponentType<P>>,
  { loading, failed, onFailed }: LazyOptions<P> = {},
): ComponentType<P> {
  let fetched: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [Part, setPart] = useState<ComponentType<P> | null>(() => fetched);
    const [hasFailed, setFailed] = useState(false);
    useEffect(() => {
      if (fetched) return;
      load().then(
        (part) => {
          fetched = part;
          setPart(() => part);
        },
        (error: unknown) => {
          setFailed(true);
          onFailed?.(props, error);
        },
      );
    }, []);
    if (Part) return <Part {...props} />;
    return (hasFailed ? failed : loading)?.(props) ?? null;
  };
}

/** The same for a dialog: if it cannot be fetched, a toast shows that and it counts as closed. */
export function lazyDialog<P extends { onClose: () => void }>(load: () => Promise<ComponentType<P>>) {
  return lazy(load, {
    onFailed: ({ onClose }) => {
      showToast(t("errors.page_code"), { isProblem: true });
      onClose();
    },
  });
}
