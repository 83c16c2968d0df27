import { useState } from "preact/hooks";
import { groupsOf } from "../../lib/groups";
import { formatMonthDay } from "../../lib/time";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Segments, SelectField, TextField } from "../../ui/Field";
import { type Finding, groupedFindings } from "../findings";
import { t as ofGrid } from "../words";
import { ownTranslation, t } from "./words";

interface FindingsDialogProps {
  findings: Finding[];
  onGo: (finding: Finding) => void;
  onWho: (finding: Finding) => void;
  onClose: () => void;
}

const ALL = "";
/** Up to so many are all unfolded. */
const FEW = 12;

const kindName = (kind: string) => ownTranslation(`finding.${kind}`) ?? kind;

/** Warnings and staffing gaps by day or by person; each leads to its cell. */
export function FindingsDialog({ findings, onGo, onWho, onClose }: FindingsDialogProps) {
  const [by, setBy] = useState<"day" | "person">("day");
  const [kind, setKind] = useState(ALL);
  const [name, setName] = useState("");
  const wanted = name.trim().toLowerCase();
  const ofName = findings.filter((each) => `${each.who} ${each.text}`.toLowerCase().includes(wanted));
  const kinds = groupsOf(findings, (each) => each.kind);
  const shown = ofName.filter((each) => kind === ALL || each.kind === kind);
  const groups = groupedFindings(shown, by);
  return (
    <Dialog title={t("findings_title")} onClose={onClose}>
      <div class="form findings-dialog">
        {findings.length > 0 && (
          <div class="form-row">
            <Segments
              label={t("findings.by")}
              value={by}
              choices={[
                { value: "day", label: t("findings.day") },
                { value: "person", label: t("findings.person") },
              ]}
              onValue={setBy}
            />
            <SelectField
              label={t("findings.kind")}
              value={kind}
              choices={[
                { value: ALL, label: t("findings.all", { n: findings.length }) },
                ...[...kinds].map(([value, ofKind]) => ({
                  value,
                  label: t("findings.some", { kind: kindName(value), n: ofKind.length }),
                })),
              ]}
              onValue={setKind}
            />
            <TextField label={t("findings.name")} type="search" value={name} onValue={setName} />
          </div>
        )}
        {shown.length === 0 && <p class="soft">{t("no_findings")}</p>}
        <div>
          {groups.map(({ key, items }, index) => (
            <details key={`${by} ${key}`} class="finding-list" open={shown.length <= FEW || index === 0}>
              <summary>
                <span>{by === "day" ? formatMonthDay(key) : items[0]?.who || kindName(key)}</span>
                <span class="soft">{items.length}</span>
              </summary>
              <ul class="rows">
                {items.map((each) => (
                  <li key={`${each.row} ${each.date} ${each.text}`} class="finding">
                    <button type="button" class="row-link" onClick={() => onGo(each)}>
                      {by === "person" && <span class="finding-day">{formatMonthDay(each.date)}</span>}
                      <span>
                        {by === "day" && each.who && <b>{each.who} </b>}
                        {each.text}
                      </span>
                    </button>
                    {each.shiftId !== undefined && (
                      <Button
                        look="quiet"
                        aria-label={`${each.text} ${ofGrid("roster.who")}`}
                        onClick={() => onWho(each)}
                      >
                        {ofGrid("roster.who")}
                      </Button>
                    )}
                  </li>
                ))}
              </ul>
            </details>
          ))}
        </div>
      </div>
    </Dialog>
  );
}
