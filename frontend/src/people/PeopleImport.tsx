import { useId, useState } from "preact/hooks";
import { send } from "../api/client";
import { Problem } from "../api/problem";
import type { components } from "../api/schema";
import { translationOf } from "../i18n";
import { CopyButton } from "../parts/CopyButton";
import { downloadAs } from "../parts/download";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { FormProblem, useForm } from "../ui/Form";
import { Icon } from "../ui/Icon";
import { rowProblemText, tableOf } from "./rows";
import { t } from "./words";

type Answer = components["schemas"]["PeopleImport"];
type Row = components["schemas"]["ImportedRow"];

async function importPeople(file: File, isDryRun: boolean): Promise<Answer> {
  const body = new FormData();
  body.append("file", file);
  const answer = await send(`/api/v1/users/import?dry_run=${isDryRun}`, { method: "POST", body });
  return (await answer.json()) as Answer;
}

/** Many people at once: first a dry run that names every row's problem, then all of them or nobody. */
export function PeopleImport({ onClose, onAdded }: { onClose: () => void; onAdded: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [found, setFound] = useState<Answer | null>(null);
  const form = useForm({}, async () => file && check(file));
  const check = async (chosen: File) => setFound(await importPeople(chosen, true));

  async function add(chosen: File) {
    try {
      setFound(await importPeople(chosen, false));
      onAdded();
    } catch (error) {
      // Somebody changed people since the dry run: check again, so that every row is up to date.
      if (error instanceof Problem && error.code === "import_has_problems") await check(chosen);
      throw error;
    }
  }

  if (found && !found.dry_run) return <Links found={found} onClose={onClose} />;
  return (
    <Dialog title={t("import.title")} isWide onClose={onClose}>
      <form class="form" onSubmit={form.onSubmit}>
        <p class="soft">{t("import.text")}</p>
        <Field label={t("import.file")}>
          {(wiring) => (
            <input
              {...wiring}
              class="input"
              type="file"
              accept=".csv,.xlsx,.txt,text/csv"
              required
              onChange={(event) => {
                const chosen = event.currentTarget.files?.[0] ?? null;
                setFile(chosen);
                setFound(null);
                form.setProblem(null);
                if (chosen) void form.attempt(() => check(chosen));
              }}
            />
          )}
        </Field>
        <FormProblem of={form} />
        {found && <DryRun found={found} />}
        <footer class="form-foot">
          {found && file && found.problems === 0 && found.added > 0 ? (
            <Button look="main" isBusy={form.isBusy} onClick={() => void form.attempt(() => add(file))}>
              {t("import.do", { n: found.added })}
            </Button>
          ) : (
            <Button look="main" type="submit" isBusy={form.isBusy} disabled={!file}>
              {t("import.check")}
            </Button>
          )}
          <Button look="quiet" onClick={onClose}>
            {t("action.cancel")}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

function DryRun({ found }: { found: Answer }) {
  const counts = [
    found.problems > 0 && t("import.problems", { n: found.problems }),
    found.added > 0 && t("import.new", { n: found.added }),
    found.existing > 0 && t("import.exists", { n: found.existing }),
  ].filter(Boolean);
  const wrongFirst = [...found.rows].sort(
    (a, b) => Number(b.status === "problem") - Number(a.status === "problem") || a.row - b.row,
  );
  return (
    <>
      <p role="status">
        {counts.length > 0 ? counts.join(t("list.comma")) : t("import.nobody")}
        {found.problems > 0 && (
          <>
            <br />
            {t("import.fix")}
          </>
        )}
      </p>
      <Rows rows={wrongFirst} head={t("import.result")} cell={(row) => <Result row={row} />} />
    </>
  );
}

function Result({ row }: { row: Row }) {
  if (row.status === "new") return <>{t("import.is_new")}</>;
  if (row.status === "exists") return <span class="soft">{t("import.is_there")}</span>;
  return (
    <span class="urgent">
      {row.problems.map((each) => (
        <span key={`${each.field}${each.code}`} class="row-problem">
          <Icon name="close" size={14} /> {rowProblemText(each)}
        </span>
      ))}
    </span>
  );
}

function Rows(props: { rows: readonly Row[]; head: string; cell: (row: Row) => preact.ComponentChildren }) {
  const id = useId();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard, too
    <section class="import-rows" tabIndex={0} aria-labelledby={id}>
      <table>
        <caption id={id} class="only-heard">
          {t("import.caption")}
        </caption>
        <thead>
          <tr>
            <th scope="col">{t("import.row")}</th>
            <th scope="col">{t("person.display_name")}</th>
            <th scope="col">{t("auth.username")}</th>
            <th scope="col">{t("team.one")}</th>
            <th scope="col">{props.head}</th>
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr key={row.row}>
              <td>{row.row}</td>
              <td>{row.display_name}</td>
              <td>{row.username}</td>
              <td>{row.team}</td>
              <td>{props.cell(row)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Links({ found, onClose }: { found: Answer; onClose: () => void }) {
  const added = found.rows.filter((row) => row.link);
  const head = [
    translationOf("person.display_name") ?? "",
    t("auth.username"),
    t("team.one"),
    t("import.link"),
  ];
  return (
    <Dialog title={t("import.done", { n: found.added })} isWide isFirm onClose={onClose}>
      <div class="form">
        <p>{t("import.done_text")}</p>
        <Rows
          rows={added}
          head={t("import.link")}
          cell={(row) => (
            <>
              <CopyButton
                look="quiet"
                text={row.link ?? ""}
                label={t("link.copy")}
                name={t("link.copy_named", { name: row.display_name })}
              />
              <code class="row-link-code">{row.link}</code>
            </>
          )}
        />
        <footer class="form-foot">
          <Button
            look="main"
            onClick={() =>
              downloadAs(
                "daka-links.csv",
                new Blob(
                  [
                    tableOf(
                      head,
                      added.map((row) => [row.display_name, row.username, row.team, row.link ?? ""]),
                    ),
                  ],
                  { type: "text/csv" },
                ),
              )
            }
          >
            {t("import.save")}
          </Button>
          <Button look="quiet" onClick={onClose}>
            {t("import.finish")}
          </Button>
        </footer>
      </div>
    </Dialog>
  );
}
