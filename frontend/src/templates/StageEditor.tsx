import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { Problem, problemOf, problemText } from "../api/problem";
import { useResource } from "../api/resource";
import { localized } from "../i18n";
import { addressOf, go } from "../lib/router";
import { useDebounced } from "../lib/useDebounced";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { Loaded } from "../ui/EmptyState";
import { Field } from "../ui/Field";
import { showToast } from "../ui/Toast";
import { inserted } from "./insert";
import { Preview } from "./Preview";
import type { Stage, Variant } from "./template";
import { t } from "./words";

const MOST_VARIANTS = 10;
const LONGEST = { title: 100, line: 300 } as const;
type Part = keyof typeof LONGEST;

/** The words to begin with: the team's own, or the built-in ones as a template. */
async function wordsOf(teamId: number, stage: Stage) {
  const [own, built, variables] = await Promise.all([
    api.get("/api/v1/templates", { query: { team_id: teamId } }),
    api.post("/api/v1/templates/preview", { body: { stage, kind: "inbox", people: 1 } }),
    api.get("/api/v1/templates/variables"),
  ]);
  const mine = own.items.find((each) => each.stage === stage)?.variants ?? [];
  return {
    variants: mine.length > 0 ? mine : [built.template],
    own: mine.length,
    variables: variables.items,
  };
}

type Words = Awaited<ReturnType<typeof wordsOf>>;

export function StageEditor({ team, stage }: { team: { id: number; name: string }; stage: Stage }) {
  const words = useResource(`words ${team.id} ${stage}`, () => wordsOf(team.id, stage));
  return (
    <>
      <p>
        <a href={addressOf("templates", { team: team.id })}>{t("back")}</a>
        <span class="soft"> · {team.name}</span>
      </p>
      <Loaded from={words}>{(found) => <Editor teamId={team.id} stage={stage} words={found} />}</Loaded>
    </>
  );
}

function Editor({ teamId, stage, words }: { teamId: number; stage: Stage; words: Words }) {
  const [variants, setVariants] = useState<Variant[]>(words.variants);
  /** Where a variable goes, and which way is shown. */
  const [at, setAt] = useState<{ index: number; part: Part }>({ index: 0, part: "line" });
  const inputs = useRef(new Map<string, HTMLInputElement>());
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const [isResetting, setResetting] = useState(false);
  const shown = variants[at.index] ?? variants[0];
  const still = useDebounced(JSON.stringify(shown));
  const [unclear, setUnclear] = useState<unknown>(null);
  useEffect(() => setUnclear(null), [still]);

  function change(index: number, part: Part, text: string) {
    setVariants(variants.map((each, i) => (i === index ? { ...each, [part]: text } : each)));
    setProblem(null);
  }

  function insert(variable: string) {
    const index = Math.min(at.index, variants.length - 1);
    const input = inputs.current.get(`${index} ${at.part}`);
    const text = variants[index]?.[at.part] ?? "";
    const end = text.length;
    const [next, cursor] = inserted(text, input?.selectionStart ?? end, input?.selectionEnd ?? end, variable);
    change(index, at.part, next);
    requestAnimationFrame(() => {
      input?.focus();
      input?.setSelectionRange(cursor, cursor);
    });
  }

  async function save(event: Event) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await api.put("/api/v1/templates/{team_id}/{stage}", {
        path: { team_id: teamId, stage },
        body: { variants },
      });
      showToast(t("saved"));
      go(addressOf("templates", { team: teamId }));
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }

  async function reset() {
    setBusy(true);
    try {
      await api.delete("/api/v1/templates/{team_id}/{stage}", { path: { team_id: teamId, stage } });
      showToast(t("reset_done"));
      go(addressOf("templates", { team: teamId }));
    } catch (error) {
      setResetting(false);
      setBusy(false);
      setProblem(error);
    }
  }

  /** The complaint about one field: what saving said, or what the preview says of the way that is shown. */
  function errorOf(index: number, part: Part): string | null {
    if (problem instanceof Problem) {
      const mine = problem.errors.filter((each) => each.loc.includes(index));
      const saved = problemOf(new Problem(problem.status, { ...problem.extra, errors: mine }), part);
      if (saved) return saved;
    }
    return index === at.index ? problemOf(unclear, part) : null;
  }

  const isExplained =
    problem !== null &&
    variants.some((_, index) => errorOf(index, "title") !== null || errorOf(index, "line") !== null);
  return (
    <div class="stage-editor">
      <form class="form" onSubmit={save} autocomplete="off">
        {variants.map((variant, index) => (
          <fieldset class="variant" key={index}>
            <legend class={variants.length > 1 ? "field-label" : "only-heard"}>
              {t("variant", { n: index + 1 })}
            </legend>
            {(["title", "line"] as const).map((part) => (
              <Field
                key={part}
                label={t(part)}
                hint={index > 0 ? undefined : part === "title" ? t("title_hint") : t("line_hint")}
                error={errorOf(index, part)}
              >
                {(wiring) => (
                  <input
                    {...wiring}
                    class="input"
                    required
                    maxLength={LONGEST[part]}
                    value={variant[part]}
                    ref={(element) => {
                      if (element) inputs.current.set(`${index} ${part}`, element);
                      else inputs.current.delete(`${index} ${part}`);
                    }}
                    onFocus={() => setAt({ index, part })}
                    onInput={(event) => change(index, part, event.currentTarget.value)}
                  />
                )}
              </Field>
            ))}
            {variants.length > 1 && (
              <Button
                look="quiet"
                onClick={() => {
                  setVariants(variants.filter((_, i) => i !== index));
                  setAt({ index: 0, part: "line" });
                  setProblem(null);
                }}
              >
                {t("remove")}
              </Button>
            )}
          </fieldset>
        ))}
        {variants.length < MOST_VARIANTS && (
          <div>
            <Button
              look="plain"
              icon="plus"
              onClick={() => {
                setVariants([...variants, { ...(variants.at(-1) as Variant) }]);
                setAt({ index: variants.length, part: "line" });
              }}
            >
              {t("add")}
            </Button>
            <p class="note">{t("random")}</p>
          </div>
        )}
        <fieldset class="variables">
          <legend class="field-label">
            {t("variables")} <span class="soft">{t("variables_hint")}</span>
          </legend>
          <ul>
            {words.variables.map((variable) => (
              <li key={variable.name}>
                <button
                  type="button"
                  class="variable"
                  aria-label={t("insert", {
                    name: `{${variable.name}}`,
                    meaning: localized(variable.meaning) ?? "",
                  })}
                  onClick={() => insert(variable.name)}
                >
                  <code>{`{${variable.name}}`}</code>
                  <span class="small soft">{localized(variable.meaning)}</span>
                </button>
              </li>
            ))}
          </ul>
        </fieldset>
        <p class="form-problem" role="alert">
          {problem !== null && !isExplained && problemText(problem)}
        </p>
        <footer class="form-foot">
          <Button look="main" type="submit" isBusy={isBusy}>
            {t("action.save")}
          </Button>
          <a class="button quiet" href={addressOf("templates", { team: teamId })}>
            {t("action.cancel")}
          </a>
          {words.own > 0 && (
            <Button look="quiet" class="apart" onClick={() => setResetting(true)}>
              {t("reset")}
            </Button>
          )}
        </footer>
      </form>
      <Preview stage={stage} variant={JSON.parse(still) as Variant} onProblem={setUnclear} />
      {isResetting && (
        <Confirm
          title={t("reset_title")}
          text={t("reset_text", { n: words.own })}
          action={t("reset")}
          isBusy={isBusy}
          onClose={() => setResetting(false)}
          onYes={() => void reset()}
        />
      )}
    </div>
  );
}
