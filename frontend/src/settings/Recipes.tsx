import { useState } from "preact/hooks";
import { CopyButton } from "../parts/CopyButton";
import { Raw } from "../parts/Raw";
import { Segments } from "../ui/Field";
import { snippetsFor } from "./recipes";
import { t } from "./words";

const WAYS = ["iphone", "android", "curl", "python"] as const;
type Way = (typeof WAYS)[number];

/** How to use a new token, with the address and the token filled in. */
export function Recipes({ token }: { token: string }) {
  const [way, setWay] = useState<Way>("iphone");
  const { recordUrl, askUrl, header, curl, python } = snippetsFor(location.origin, token);
  const script = { curl, python }[way as string];
  return (
    <section class="recipes" aria-label={t("recipe.title")}>
      <Segments<Way>
        label={t("recipe.title")}
        value={way}
        choices={WAYS.map((each) => ({ value: each, label: t(`recipe.${each}`) }))}
        onValue={setWay}
      />
      {script === undefined ? (
        <>
          <p class="soft">{t("recipe.about")}</p>
          <ol>
            {t(`recipe.${way as "iphone" | "android"}_steps`)
              .split("\n")
              .map((step) => (
                <li key={step}>{step}</li>
              ))}
          </ol>
          <dl class="recipe-values">
            {[
              [t("recipe.ask"), askUrl],
              [t("recipe.record"), recordUrl],
              ["Authorization", header],
            ].map(([name = "", value = ""]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <code class="secret">{value}</code>
                  <CopyButton look="quiet" text={value} label={t("recipe.copy", { name })} />
                </dd>
              </div>
            ))}
          </dl>
        </>
      ) : (
        <>
          <Raw label={t(`recipe.${way}`)}>{script}</Raw>
          <CopyButton look="quiet" text={script} label={t("recipe.copy", { name: t(`recipe.${way}`) })} />
        </>
      )}
    </section>
  );
}
