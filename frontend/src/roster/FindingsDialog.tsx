import { formatMonthDay } from "../lib/time";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import type { Finding } from "./findings";
import { t } from "./words";

interface FindingsDialogProps {
  people: Finding[];
  days: Finding[];
  onGo: (finding: Finding) => void;
  onWho: (finding: Finding) => void;
  onClose: () => void;
}

/** Warnings and staffing gaps as a list; each entry leads to its cell. */
export function FindingsDialog({ people, days, onGo, onWho, onClose }: FindingsDialogProps) {
  return (
    <Dialog title={t("findings_title")} onClose={onClose}>
      {people.length + days.length === 0 && <p class="soft">{t("no_findings")}</p>}
      {(
        [
          ["days_findings", days],
          ["people_findings", people],
        ] as const
      ).map(
        ([title, found]) =>
          found.length > 0 && (
            <section key={title} class="finding-list">
              <h3>{t(title)}</h3>
              <ul class="rows">
                {found.map((each) => (
                  <li key={`${each.row} ${each.date} ${each.text}`}>
                    <button type="button" class="row-link" onClick={() => onGo(each)}>
                      <span class="finding-day">{formatMonthDay(each.date)}</span>
                      <span>
                        {each.who && <b>{each.who} </b>}
                        {each.text}
                      </span>
                    </button>
                    {each.shiftId !== undefined && (
                      <Button
                        look="quiet"
                        aria-label={`${each.text} ${t("roster.who")}`}
                        onClick={() => onWho(each)}
                      >
                        {t("roster.who")}
                      </Button>
                    )}
                  </li>
                ))}
              </ul>
            </section>
          ),
      )}
    </Dialog>
  );
}
