import { useState } from "preact/hooks";
import { apiAddress } from "../../api/client";
import { useGet } from "../../api/get";
import type { components } from "../../api/schema";
import { usesDraftsIn, useTeams } from "../../api/teams";
import { listed } from "../../i18n";
import { datesOfMonth } from "../../lib/dates";
import { stay } from "../../lib/router";
import { formatMonthDay } from "../../lib/time";
import { DownloadButton } from "../../parts/DownloadButton";
import { leaveTypeName } from "../../requests/leaveTypes";
import { byId, useShifts } from "../../shifts/useShifts";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Loaded, QuietLine } from "../../ui/EmptyState";
import { warningText } from "../notes";
import type { LinkingDialogProps, Plan } from "./dialog";
import { MonthTurner } from "./MonthTurner";
import { DraftsField } from "./PlanParts";
import {
  inOrder,
  isFar,
  MEASURES,
  type Measure,
  type Order,
  rounded,
  signed,
  type Usual,
  usualOf,
} from "./shares";
import { t } from "./words";
import "./plan.css";
import "./report.css";

type Report = components["schemas"]["RosterReport"];

const MOST_LISTED = 50;

/** Everybody's part of a month, how even it is, and what needs a look. */
export function ReportDialog({ scope, onOpen, onClose }: LinkingDialogProps) {
  const { teamId } = scope;
  const [month, setMonth] = useState(scope.month);
  const dates = datesOfMonth(month);
  const teams = useTeams();
  const usesDrafts = usesDraftsIn(teams.value, teamId);
  const [drafts, setDrafts] = useState(true);
  const query = { from: dates[0] ?? "", to: dates.at(-1) ?? "", team_id: teamId, drafts };
  const report = useGet("/api/v1/roster/report", { query }, ["roster", "draft"]);
  return (
    <Dialog title={t("report.title")} onClose={onClose}>
      <div class="plan-dialog form compact report">
        <MonthTurner month={month} onMonth={setMonth} />
        {usesDrafts && <DraftsField drafts={drafts} onValue={setDrafts} />}
        <Loaded from={report}>
          {(found) => (
            <>
              {found.provisional_years.length > 0 && (
                <QuietLine
                  action={
                    <Button look="plain" onClick={() => onOpen("days")}>
                      {t("action.fix")}
                    </Button>
                  }
                >
                  {t("calendar.provisional", { year: listed(found.provisional_years.map(String)) })}
                </QuietLine>
              )}
              <Shares report={found} />
              {found.people.length > 0 && (
                <p>
                  <DownloadButton
                    address={apiAddress("/api/v1/roster/report/export", query)}
                    name={`roster-report-${month}.xlsx`}
                    label={t("report.export")}
                  />
                </p>
              )}
              <Short onOpen={onOpen} report={found} />
              <Warnings
                report={found}
                onGo={(day) => {
                  stay({ day, team: teamId ?? null });
                  onClose();
                }}
              />
            </>
          )}
        </Loaded>
      </div>
    </Dialog>
  );
}

function Shares({ report }: { report: Report }) {
  const [order, setOrder] = useState<Order>({ by: "hours", isDown: true });
  const usual = Object.fromEntries(MEASURES.map((each) => [each, usualOf(report.people, each)])) as Record<
    Measure,
    Usual
  >;
  const sortBy = (by: Order["by"]) =>
    setOrder({ by, isDown: order.by === by ? !order.isDown : by !== "name" });
  const head = (by: Order["by"], label: string) => (
    <th
      key={by}
      scope="col"
      aria-sort={order.by === by ? (order.isDown ? "descending" : "ascending") : undefined}
    >
      <button type="button" onClick={() => sortBy(by)}>
        {label}
        <span aria-hidden="true">{order.by === by ? (order.isDown ? " ↓" : " ↑") : ""}</span>
      </button>
    </th>
  );
  if (report.people.length === 0) return <p class="soft">{t("report.nobody")}</p>;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="plan-scroll" tabIndex={0} aria-label={t("report.shares")}>
        <table class="shares">
          <thead>
            <tr>
              {head("name", t("roster.person"))}
              {MEASURES.map((each) => head(each, t(`measure.${each}`)))}
              <th scope="col">{t("measure.leave")}</th>
              <th scope="col">{t("measure.run")}</th>
            </tr>
            <tr class="usual">
              <th scope="row">{t("report.median")}</th>
              {MEASURES.map((each) => (
                <td key={each}>
                  <b>{rounded(usual[each].median)}</b>{" "}
                  <span class="soft">
                    {t("report.range", {
                      least: rounded(usual[each].least),
                      most: rounded(usual[each].most),
                    })}
                  </span>
                </td>
              ))}
              <td />
              <td />
            </tr>
          </thead>
          <tbody>
            {inOrder(report.people, order).map((person) => (
              <tr key={person.user_id}>
                <th scope="row">{person.display_name}</th>
                {MEASURES.map((each) => (
                  <td key={each}>
                    <Bar value={person[each]} usual={usual[each]} measure={each} />
                  </td>
                ))}
                <td>
                  {Object.entries(person.leave_types).map(([type, n]) => (
                    <span key={type} class="leave-share">
                      {type ? leaveTypeName(type) : t("measure.leave")} {n}
                    </span>
                  ))}
                </td>
                <td>{person.longest_run}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="note">{t("report.bars")}</p>
    </>
  );
}

/** A number, its bar with a mark at the middle of the team, and how far it is from there. */
function Bar({ value, usual, measure }: { value: number; usual: Usual; measure: Measure }) {
  const most = Math.max(usual.most, value, 1);
  const far = isFar(value, usual, measure);
  return (
    <span class={`share${far ? " far" : ""}`}>
      <b>{rounded(value)}</b>
      <svg viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
        <rect x="0" y="3" width={(value / most) * 100} height="6" />
        <path d={`M${(usual.median / most) * 100} 0V12`} />
      </svg>
      <span>{signed(value - usual.median)}</span>
    </span>
  );
}

function Short({ report, onOpen }: { report: Report; onOpen: (plan: Plan) => void }) {
  const shifts = useShifts(report.people[0]?.team_id ?? undefined);
  const known = byId(shifts.value);
  const short = report.coverage.filter((each) => each.planned < each.needed);
  return (
    <section>
      <h3>{t("report.short", { n: short.length })}</h3>
      {report.coverage.length === 0 ? (
        <p class="soft">
          {t("report.no_needs")}{" "}
          <Button look="quiet" onClick={() => onOpen("needs")}>
            {t("needs.title")}
          </Button>
        </p>
      ) : (
        <ul class="report-list">
          {short.slice(0, MOST_LISTED).map((each) => (
            <li key={`${each.team_id} ${each.date} ${each.shift_id}`}>
              {t("report.short_of", {
                day: formatMonthDay(each.date),
                shift: known.get(each.shift_id)?.name ?? "?",
                planned: each.planned,
                needed: each.needed,
              })}
            </li>
          ))}
        </ul>
      )}
      {short.length > MOST_LISTED && (
        <p class="note">{t("report.more", { n: short.length - MOST_LISTED })}</p>
      )}
    </section>
  );
}

function Warnings({ report, onGo }: { report: Report; onGo: (day: string) => void }) {
  const names = new Map(report.people.map((person) => [person.user_id, person.display_name]));
  return (
    <section>
      <h3>{t("report.warnings", { n: report.warnings.length })}</h3>
      <ul class="report-list">
        {report.warnings.slice(0, MOST_LISTED).map((each) => (
          <li key={`${each.user_id} ${each.date} ${each.code}`}>
            <button type="button" class="button quiet" onClick={() => onGo(each.date)}>
              {formatMonthDay(each.date)}
            </button>
            <b>{names.get(each.user_id) ?? `#${each.user_id}`}</b> {warningText(each)}
          </li>
        ))}
      </ul>
      {report.warnings.length > MOST_LISTED && (
        <p class="note">{t("report.more", { n: report.warnings.length - MOST_LISTED })}</p>
      )}
    </section>
  );
}
