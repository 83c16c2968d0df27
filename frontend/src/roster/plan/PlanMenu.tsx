import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { isPlanner } from "../../api/session";
import { lazyDialog } from "../../lib/lazy";
import { place } from "../../lib/router";
import { Button } from "../../ui/Button";
import type { LinkingDialogProps, Plan, PlanScope } from "./dialog";
import { t } from "./menuWords";
import "./menu.css";

const DIALOGS: Readonly<Record<Plan, ComponentType<LinkingDialogProps>>> = {
  pattern: lazyDialog(() => import("./PatternDialog").then((it) => it.PatternDialog)),
  proposal: lazyDialog(() => import("../proposals/ProposalDialog").then((it) => it.ProposalDialog)),
  wishes: lazyDialog(() => import("../../wishes/WishCallDialog").then((it) => it.WishCallDialog)),
  copy: lazyDialog(() => import("./CopyDialog").then((it) => it.CopyDialog)),
  needs: lazyDialog(() => import("./NeedsDialog").then((it) => it.NeedsDialog)),
  order: lazyDialog(() => import("./OrderDialog").then((it) => it.OrderDialog)),
  drafts: lazyDialog(() => import("../drafts/DraftsDialog").then((it) => it.DraftsDialog)),
  report: lazyDialog(() => import("./ReportDialog").then((it) => it.ReportDialog)),
  print: lazyDialog(() => import("./PrintDialog").then((it) => it.PrintDialog)),
  days: lazyDialog(() => import("./DaysDialog").then((it) => it.DaysDialog)),
  import: lazyDialog(() => import("./ImportDialog").then((it) => it.ImportDialog)),
  export: lazyDialog(() => import("./ExportDialog").then((it) => it.ExportDialog)),
  feeds: lazyDialog(() => import("./FeedsDialog").then((it) => it.FeedsDialog)),
};

const FOR_PLANNERS: readonly Plan[] = [
  "wishes",
  "proposal",
  "pattern",
  "copy",
  "needs",
  "order",
  "drafts",
  "report",
  "import",
  "feeds",
];
const GROUPS: readonly (readonly Plan[])[] = [
  ["wishes", "proposal", "pattern", "copy", "needs", "order", "drafts"],
  ["report", "print", "days"],
  ["import", "export", "feeds"],
];

interface PlanMenuProps {
  scope: PlanScope;
  /** The dialog that is open. */
  plan: Plan | null;
  onPlan: (plan: Plan | null) => void;
}

/** Everything that isPlanner, reads or hands over more than single cells. */
export function PlanMenu({ scope, plan, onPlan }: PlanMenuProps) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLSpanElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const PlanDialog = plan && DIALOGS[plan];

  useEffect(() => {
    const linked = place.peek().query.get("plan");
    if (linked && Object.hasOwn(DIALOGS, linked)) onPlan(linked as Plan);
  }, []);

  useEffect(() => {
    const print = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "p" || plan) return;
      event.preventDefault(); // the grid draws only what is in view; the printed sheet has all rows
      onPlan("print");
    };
    addEventListener("keydown", print);
    return () => removeEventListener("keydown", print);
  }, [plan, onPlan]);

  useEffect(() => {
    if (!isOpen) return;
    menu.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    const away = (event: PointerEvent) => {
      const at = event.target as Node;
      if (!menu.current?.contains(at) && !button.current?.contains(at)) setOpen(false);
    };
    addEventListener("pointerdown", away);
    return () => removeEventListener("pointerdown", away);
  }, [isOpen]);

  const shut = () => {
    setOpen(false);
    button.current?.querySelector("button")?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const items = [...(menu.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") {
      event.stopPropagation();
      if (event.key === "Escape") event.preventDefault();
      shut();
    } else if (next !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      items.at(next % items.length)?.focus();
    }
  };

  return (
    <div class="plan-menu">
      <span ref={button}>
        <Button
          look="plain"
          icon="calendar"
          aria-haspopup="menu"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {t("menu")}
        </Button>
      </span>
      {isOpen && (
        <div ref={menu} class="plan-list" role="menu" aria-label={t("menu")} onKeyDown={onKeyDown}>
          {GROUPS.map((group) => (
            <div key={group[0]} role="none">
              {group
                .filter((each) => isPlanner.value || !FOR_PLANNERS.includes(each))
                .map((each) => (
                  <button
                    key={each}
                    type="button"
                    role="menuitem"
                    tabIndex={-1}
                    onClick={() => {
                      shut();
                      onPlan(each);
                    }}
                  >
                    {t(each)}
                  </button>
                ))}
            </div>
          ))}
        </div>
      )}
      {PlanDialog && <PlanDialog key={plan} scope={scope} onOpen={onPlan} onClose={() => onPlan(null)} />}
    </div>
  );
}
