import { useMemo, useState } from "preact/hooks";
import { useGet } from "../../api/get";
import type { components } from "../../api/schema";
import { nameIn, usesDraftsIn, useTeams } from "../../api/teams";
import { datesOfMonth, monthOf, type PlainMonth } from "../../lib/dates";
import { currentDate } from "../../lib/now";
import { formatMonth, formatMonthDay, formatWeekdayNarrow } from "../../lib/time";
import { downloadAs } from "../../parts/download";
import { formatPeriods } from "../../shifts/periods";
import { type Shift, useShifts } from "../../shifts/useShifts";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Loaded } from "../../ui/EmptyState";
import { showToast } from "../../ui/Toast";
import { isAway, marksByCell } from "../coverage";
import { dayMark } from "../days";
import type { PlanDialogProps } from "./dialog";
import { MonthTurner } from "./MonthTurner";
import { DraftsField } from "./PlanParts";
import { type PrintSheet, type PrintShift, printImages, printPages } from "./printSheet";
import { t } from "./words";
import "./plan.css";
import "./print.css";

type Roster = components["schemas"]["Roster"];

function printSheetOf(
  roster: Roster,
  shifts: readonly Shift[],
  team: string,
  month: PlainMonth,
  isDraft: boolean,
): PrintSheet {
  const drawn = new Map(
    shifts.map((shift): [number, PrintShift] => [
      shift.id,
      {
        code: shift.code,
        name: shift.name,
        hours: formatPeriods(shift.periods),
        color: shift.color,
        isNight: shift.is_night,
        isRest: shift.is_rest,
      },
    ]),
  );
  const away = marksByCell(roster.marks, roster.dates);
  // On the wall, leave is leave: its type is nobody's business there.
  const name = t("measure.leave");
  const leave = { code: t("print.leave"), name, hours: "", color: "", isNight: false, isRest: true };
  const used = new Set(roster.users.flatMap((user) => user.shift_ids));
  return {
    title: [team, formatMonth(month), isDraft && t("shown.draft")].filter(Boolean).join(" · "),
    note: t("print.as_of", { day: formatMonthDay(currentDate.value) }),
    days: roster.dates.map((date) => {
      const kind = roster.days[date]?.kind;
      const mark = dayMark(kind);
      return {
        day: Number(date.slice(8)),
        weekday: formatWeekdayNarrow(date),
        mark: mark ? t(`mark.${mark}`) : "",
        isOff: kind === "weekend" || kind === "holiday",
      };
    }),
    rows: roster.users.map((user) => ({
      name: user.display_name,
      shifts: user.shift_ids.map((id, column) =>
        isAway(away.get(user.id)?.get(roster.dates[column] ?? ""))
          ? leave
          : id === null
            ? null
            : (drawn.get(id) ?? null),
      ),
    })),
    legend: [
      ...shifts.flatMap((shift) => {
        const found = drawn.get(shift.id);
        return found && used.has(shift.id) ? [found] : [];
      }),
      ...(away.size > 0 ? [leave] : []),
    ],
  };
}

const addressOf = (svg: string) => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;

/** Puts the sheets in place of the page while the browser prints. */
function print(pages: readonly string[]) {
  const sheets = document.createElement("div");
  sheets.className = "print-sheets";
  for (const page of pages)
    sheets.append(
      document.importNode(new DOMParser().parseFromString(page, "image/svg+xml").documentElement, true),
    );
  document.body.append(sheets);
  addEventListener("afterprint", () => sheets.remove(), { once: true });
  window.print();
}

async function pngOf(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = addressOf(svg);
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  canvas.getContext("2d")?.drawImage(image, 0, 0);
  return new Promise((done, fail) =>
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/png"),
  );
}

/** The month as a printed sheet: printed, as PDF by the print dialog, or as a picture for the group chat. */
export function PrintDialog({ scope, onClose }: PlanDialogProps) {
  const { teamId } = scope;
  const [month, setMonth] = useState(scope.month);
  const [isBusy, setBusy] = useState(false);
  const dates = datesOfMonth(month);
  const shifts = useShifts(teamId);
  const teams = useTeams();
  const usesDrafts = usesDraftsIn(teams.value, teamId);
  const [drafts, setDrafts] = useState(false);
  const query = { from: dates[0] ?? "", to: dates.at(-1) ?? "", team_id: teamId, drafts };
  const roster = useGet("/api/v1/roster", { query }, ["roster", "draft"]);
  const team = nameIn(teams.value, teamId) ?? "";
  const sheet = useMemo(
    () =>
      roster.value && shifts.value
        ? printSheetOf(roster.value, shifts.value, team, monthOf(roster.value.dates[0] ?? ""), drafts)
        : null,
    [roster.value, shifts.value, team, drafts],
  );
  const pages = useMemo(() => (sheet ? printPages(sheet) : []), [sheet]);

  async function savePictures() {
    if (!sheet) return;
    setBusy(true);
    try {
      const pictures = printImages(sheet);
      for (const [index, svg] of pictures.entries())
        downloadAs(
          `roster-${drafts ? "draft-" : ""}${month}${pictures.length > 1 ? `-${index + 1}` : ""}.png`,
          await pngOf(svg),
        );
    } catch {
      showToast(t("print.no_picture"), { isProblem: true });
    }
    setBusy(false);
  }

  return (
    <Dialog title={t("print.title")} onClose={onClose}>
      <div class="plan-dialog form">
        <MonthTurner month={month} onMonth={setMonth} />
        {usesDrafts && <DraftsField drafts={drafts} onValue={setDrafts} />}
        <Loaded from={roster}>
          {() => (
            <Loaded from={shifts}>
              {() => (
                // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
                <section class="print-pages" tabIndex={0} aria-label={t("preview")}>
                  {pages.map((page, index) => (
                    <img
                      key={page}
                      src={addressOf(page)}
                      alt={t("print.page", { n: index + 1, of: pages.length, month: formatMonth(month) })}
                    />
                  ))}
                </section>
              )}
            </Loaded>
          )}
        </Loaded>
        <p class="note">{t("print.hint")}</p>
        <footer class="form-foot">
          <Button look="main" disabled={pages.length === 0} onClick={() => print(pages)}>
            {t("print.print")}
          </Button>
          <Button isBusy={isBusy} disabled={pages.length === 0} onClick={() => void savePictures()}>
            {t("print.png")}
          </Button>
          <Button look="quiet" onClick={onClose}>
            {t("action.close")}
          </Button>
        </footer>
      </div>
    </Dialog>
  );
}
