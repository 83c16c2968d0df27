import { signal } from "@preact/signals";
import type { Catalogue, Key } from "./zh";
import { zh } from "./zh";

export type { Key } from "./zh";
export type Language = "zh" | "en";
export const LANGUAGES: readonly Language[] = ["zh", "en"];

/** The language in use. Reading it in a component makes the component follow it. */
export const language = signal<Language>("zh");

const catalogue = signal<Catalogue>(zh);
const plurals = { zh: new Intl.PluralRules("zh"), en: new Intl.PluralRules("en") };

/** What was chosen before, or what the browser asks for. */
export function preferredLanguage(): Language {
  let chosen: string | null = null;
  try {
    chosen = localStorage.getItem("daka.language");
  } catch {}
  if (chosen === "zh" || chosen === "en") return chosen;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export async function speak(next: Language, { remember = false } = {}) {
  catalogue.value = next === "zh" ? zh : (await import("./en")).en;
  language.value = next;
  document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
  if (remember) {
    try {
      localStorage.setItem("daka.language", next);
    } catch {}
  }
}

export type Params = Record<string, string | number>;

/** Fills `{name}`; of a text with ` | ` the singular or the plural is taken by `n`. */
export function fill(template: string, params: Params, of: Language): string {
  const forms = template.split(" | ");
  const form = forms.length > 1 && plurals[of].select(Number(params.n)) !== "one" ? forms[1] : forms[0];
  return (form ?? template).replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

export function t(key: Key, params: Params = {}): string {
  return fill(catalogue.value[key], params, language.value);
}

/**
 * The words of one feature, kept beside it and loaded with it: `export const word = speaker(zh, en)` in its words.ts.
 * What the first load shows has its words in the catalogue.
 */
export function speaker<K extends string>(zh: Record<K, string>, en: Record<K, string>) {
  const catalogues = { zh, en };
  return (key: K, params: Params = {}) => fill(catalogues[language.value][key], params, language.value);
}

/** For names that come from the server: the text if the catalogue knows the key, else null. */
export function known(key: string, params: Params = {}): string | null {
  const text = (catalogue.value as Record<string, string | undefined>)[key];
  return text === undefined ? null : fill(text, params, language.value);
}

/** Words that the server brings in both languages, in the reader's. */
export function said(words: Readonly<Record<string, string>> | null | undefined): string | null {
  return words?.[language.value] ?? words?.zh ?? null;
}
