import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { showToast } from "../ui/Toast";

/** A part that is fetched when it is first drawn: heavy dialogs do not weigh on their page. */
export function lazy<P extends { onClose: () => void }>(
  load: () => Promise<ComponentType<P>>,
): ComponentType<P> {
  let found: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [Part, setPart] = useState<ComponentType<P> | null>(() => found);
    useEffect(() => {
      if (found) return;
      load().then(
        (part) => {
          found = part;
          setPart(() => part);
        },
        () => {
          showToast(t("errors.page_code"), { isProblem: true });
          props.onClose();
        },
      );
    }, []);
    return Part ? <Part {...props} /> : null;
  };
}
