import type { components } from "../../api/schema";
import { Button } from "../../ui/Button";
import { t } from "./words";

interface DraftsLineProps {
  drafts: components["schemas"]["Drafts"];
  onOpen: () => void;
}

/** Above the grid of a team that uses drafts: how much is not published, and the way to publish it. */
export function DraftsLine({ drafts, onOpen }: DraftsLineProps) {
  const { total, items } = drafts;
  const elsewhere = total - items.length;
  return (
    <div class={`drafts-line${total > 0 ? " waits" : ""}`}>
      <p role="status">
        {total === 0 ? t("line_none") : t(elsewhere > 0 ? "line_elsewhere" : "line", { n: total, elsewhere })}
      </p>
      <Button look={total > 0 ? "main" : "quiet"} onClick={onOpen}>
        {t(total > 0 ? "open" : "more")}
      </Button>
    </div>
  );
}
