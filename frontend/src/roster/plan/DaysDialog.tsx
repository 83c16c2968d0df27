import { useState } from "preact/hooks";
import { useGet } from "../../api/get";
import { isAdmin } from "../../api/session";
import { betweenSentences } from "../../i18n";
import type { PlainDate } from "../../lib/dates";
import { IconButton } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Loaded, QuietLine } from "../../ui/EmptyState";
import { CalendarFile } from "./CalendarFile";
import { DayForm } from "./DayForm";
import type { PlanDialogProps } from "./dialog";
import { t } from "./words";
import { YearGrid, YearSummary } from "./YearGrid";
import "./plan.css";
import "./year.css";

const FIRST_YEAR = 2000;
const LAST_YEAR = 2100;

/** A year of holidays and make-up days: looked at, set by hand, or brought in by a file. */
export function DaysDialog({ scope, onClose }: PlanDialogProps) {
  const [year, setYear] = useState(Number(scope.month.slice(0, 4)));
  const [chosen, setChosen] = useState<PlainDate | null>(null);
  const calendar = useGet("/api/v1/calendar/{year}", { path: { year } }, ["roster"]);
  const turn = (to: number) => {
    setYear(to);
    setChosen(null);
  };
  return (
    <Dialog title={t("days.title")} onClose={onClose}>
      <div class="plan-dialog form compact">
        <div class="plan-month">
          <IconButton
            icon="back"
            label={t("days.year_before")}
            disabled={year <= FIRST_YEAR}
            onClick={() => turn(year - 1)}
          />
          <p aria-live="polite">{t("days.year", { year })}</p>
          <IconButton
            icon="forward"
            label={t("days.year_after")}
            disabled={year >= LAST_YEAR}
            onClick={() => turn(year + 1)}
          />
        </div>
        <Loaded from={calendar}>
          {(found) => (
            <>
              {found.provisional && (
                <QuietLine>
                  {t("calendar.provisional", { year: found.year })}
                  {betweenSentences()}
                  {t(isAdmin.value ? "days.provisional_step" : "days.provisional_ask")}
                </QuietLine>
              )}
              <YearSummary calendar={found} />
              <div class="year-and-day">
                <YearGrid calendar={found} chosen={chosen} onChoose={setChosen} />
                {chosen && found.days[chosen] && (
                  <DayForm key={chosen} date={chosen} calendar={found} from={calendar} />
                )}
              </div>
              {isAdmin.value ? (
                <CalendarFile calendar={calendar} onYear={turn} />
              ) : (
                <p class="note">{t("days.admins")}</p>
              )}
            </>
          )}
        </Loaded>
      </div>
    </Dialog>
  );
}
