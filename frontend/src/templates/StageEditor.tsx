import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import type { Language } from "../i18n";
import { addressOf, go } from "../lib/router";
import { useDebounced } from "../lib/useDebounced";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { Loaded } from "../ui/EmptyState";
import { FormProblem } from "../ui/Form";
import { showToast } from "../ui/Toast";
import { Preview } from "./Preview";
import {
  fieldProblem,
  initialStageForm,
  MAX_VARIANTS,
  type Part,
  stageReducer,
  withVariable,
} from "./stageForm";
import type { Stage, Variant } from "./template";
import { keyOf, Variables, VariantFields } from "./VariantFields";
import { t } from "./words";

/** The texts to begin with: the team's own, or the built-in ones as a template. */
async function textsOf(teamId: number, stage: Stage, language: Language) {
  const [own, built, variables] = await Promise.all([
    api.get("/api/v1/templates", { query: { team_id: teamId } }),
    api.post("/api/v1/templates/preview", { body: { stage, language, kind: "inbox", people: 1 } }),
    api.get("/api/v1/templates/variables"),
  ]);
  const mine = own.items.find((each) => each.stage === stage && each.language === language)?.variants ?? [];
  return {
    variants: mine.length > 0 ? mine : [built.template],
    own: mine.length,
    variables: variables.items,
  };
}

type Texts = Awaited<ReturnType<typeof textsOf>>;

interface StageEditorProps {
  team: { id: number; name: string };
  stage: Stage;
  language: Language;
}

export function StageEditor({ team, stage, language }: StageEditorProps) {
  const texts = useResource(`texts ${team.id} ${stage} ${language}`, () => textsOf(team.id, stage, language));
  return (
    <>
      <p>
        <a href={addressOf("templates", { team: team.id, language })}>{t("back")}</a>
        <span class="soft">
          {" "}
          · {team.name} · {t(`language.${language}`)}
        </span>
      </p>
      <Loaded from={texts}>
        {(found) => <Editor teamId={team.id} stage={stage} language={language} texts={found} />}
      </Loaded>
    </>
  );
}

interface EditorProps {
  teamId: number;
  stage: Stage;
  language: Language;
  texts: Texts;
}

function Editor({ teamId, stage, language, texts }: EditorProps) {
  const [form, dispatch] = useReducer(stageReducer, texts.variants, initialStageForm);
  const { variants, at, problem, isBusy, isResetting } = form;
  const inputs = useRef(new Map<string, HTMLInputElement>());
  const shown = useDebounced(JSON.stringify(variants[at.index] ?? variants[0]));
  const [previewProblem, setPreviewProblem] = useState<unknown>(null);
  useEffect(() => setPreviewProblem(null), [shown]);

  function insert(variable: string) {
    const input = inputs.current.get(keyOf(Math.min(at.index, variants.length - 1), at.part));
    const { cursor, ...change } = withVariable(
      form,
      variable,
      input ? { start: input.selectionStart, end: input.selectionEnd } : null,
    );
    dispatch({ type: "text", ...change });
    requestAnimationFrame(() => {
      input?.focus();
      input?.setSelectionRange(cursor, cursor);
    });
  }

  async function attempt(work: () => Promise<unknown>, done: string) {
    dispatch({ type: "saving" });
    try {
      await work();
      showToast(done);
      go(addressOf("templates", { team: teamId, language }));
    } catch (error) {
      dispatch({ type: "failed", problem: error });
    }
  }
  const path = { team_id: teamId, stage };
  const query = { language };
  const save = () =>
    attempt(
      () =>
        api.put("/api/v1/templates/{team_id}/{stage}", { path, query, body: { variants: [...variants] } }),
      t("saved"),
    );
  const reset = () =>
    attempt(() => api.delete("/api/v1/templates/{team_id}/{stage}", { path, query }), t("reset_done"));

  const errorOf = (index: number, part: Part) => fieldProblem(form, previewProblem, index, part);

  const isExplained =
    problem !== null &&
    variants.some((_, index) => errorOf(index, "title") !== null || errorOf(index, "line") !== null);
  return (
    <div class="stage-editor">
      <form
        class="form"
        autocomplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {variants.map((variant, index) => (
          <VariantFields
            key={index}
            variant={variant}
            index={index}
            count={variants.length}
            errorOf={(part) => errorOf(index, part)}
            inputs={inputs.current}
            dispatch={dispatch}
          />
        ))}
        {variants.length < MAX_VARIANTS && (
          <div>
            <Button look="plain" icon="plus" onClick={() => dispatch({ type: "add" })}>
              {t("add")}
            </Button>
            <p class="note">{t("random")}</p>
          </div>
        )}
        <Variables variables={texts.variables} onInsert={insert} />
        <FormProblem of={{ problem, drawn: { fields: new Set(isExplained ? ["title", "line"] : []) } }} />
        <footer class="form-foot">
          <Button look="main" type="submit" isBusy={isBusy}>
            {t("action.save")}
          </Button>
          <a class="button quiet" href={addressOf("templates", { team: teamId, language })}>
            {t("action.cancel")}
          </a>
          {texts.own > 0 && (
            <Button
              look="quiet"
              class="apart"
              onClick={() => dispatch({ type: "confirm_reset", isResetting: true })}
            >
              {t("reset")}
            </Button>
          )}
        </footer>
      </form>
      <Preview
        stage={stage}
        language={language}
        variant={JSON.parse(shown) as Variant}
        onProblem={setPreviewProblem}
      />
      {isResetting && (
        <Confirm
          title={t("reset_title")}
          text={t("reset_text", { n: texts.own })}
          action={t("reset")}
          isBusy={isBusy}
          onClose={() => dispatch({ type: "confirm_reset", isResetting: false })}
          onYes={() => void reset()}
        />
      )}
    </div>
  );
}
