import { formatMonthDay } from "../lib/time";
import { Dialog } from "../ui/Dialog";
import { t } from "./words";

/** One thing worth a look, and the cell it is about. */
export interface Finding {
  row: number;
  column: number;
  date: string;
  who: string;
  text: string;
}

interface FindingsProps {
  people: Finding[];
  days: Finding[];
  onGo: (finding: Finding) => void;
  onClose: () => void;
}

/** Everything worth a look as a list; each leads to its cell. */
export function Findings({ people, days, onGo, onClose }: FindingsProps) {
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
                  </li>
                ))}
              </ul>
            </section>
          ),
      )}
    </Dialog>
  );
}
