import { useGet } from "../api/get";
import { me } from "../api/session";
import { listed } from "../i18n";
import type { PlainDate } from "../lib/dates";
import type { Shift } from "../shifts/useShifts";
import { ShiftBadge } from "../ui/ShiftBadge";
import { companyOf } from "./company";
import { t } from "./words";

/** Who works with me on a day, and who works on its other shifts. */
export function Colleagues({ date, shifts }: { date: PlainDate; shifts: ReadonlyMap<number, Shift> }) {
  const myId = me.value?.id ?? 0;
  const teamId = me.value?.team_id ?? null;
  const request = teamId === null ? null : { query: { from: date, to: date, team_id: teamId } };
  const roster = useGet("/api/v1/roster", request, ["roster"]);
  // While the next day is read the last one's people would be the wrong ones.
  if (!roster.value || roster.value.dates[0] !== date) return null;
  const { isWorking, together, others } = companyOf(roster.value, shifts, myId);
  return (
    <div class="company">
      {isWorking && (
        <>
          <h3>{t("together")}</h3>
          <p>{together.length > 0 ? listed(together) : <span class="soft">{t("alone")}</span>}</p>
        </>
      )}
      <h3>{t("others")}</h3>
      {others.length === 0 && <p class="soft">{t("nobody")}</p>}
      {others.map(({ shift, names }) => (
        <p key={shift.id} class="company-shift">
          <ShiftBadge shift={shift} name={shift.name} /> <span class="soft">{listed(names)}</span>
        </p>
      ))}
    </div>
  );
}
