import { signal } from "@preact/signals";
import { store, stored } from "../lib/storage";
import type { Catalogue, Key } from "./zh";
import { zh } from "./zh";

export type { Key } from "./zh";
export type Language = "zh" | "en";
export const LANGUAGES: readonly Language[] = ["zh", "en"];

/** The language in use. Reading it in a component makes the component follow it. */
export const language = signal<Language>("zh");

const catalogue = signal<Catalogue>(zh);
const plurals = { zh: new Intl.PluralRules("zh"), en: new Intl.PluralRules("en") };

/** The language chosen before, or the browser's. */
export function preferredLanguage(): Language {
  const chosen = stored("daka.language");
  if (chosen === "zh" || chosen === "en") return chosen;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export async function setLanguage(next: Language, { remember = false } = {}) {
  catalogue.value = next === "zh" ? zh : (await import("./en")).en;
  language.value = next;
  document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
  if (remember) store("daka.language", next);
}

/** What stands between two sentences: nothing after a Chinese full stop. */
export const betweenSentences = () => (language.value === "zh" ? "" : " ");

const lists = {
  zh: new Intl.ListFormat("zh-CN", { style: "narrow" }),
  en: new Intl.ListFormat("en-GB", { style: "narrow" }),
};

/** `安、白、陈`, `An, Bai, Chen`: names and other words side by side. */
export const listed = (words: readonly string[]) => lists[language.value].format(words);

export type Params = Record<string, string | number>;

const RELATIVE_DAY = /^(Today|Tomorrow|Yesterday)(?= |$)/;

/** Fills `{name}`; of a text with ` | ` the singular or the plural is taken by `n`. A day within a sentence is written small. */
export function fill(template: string, params: Params, of: Language): string {
  const forms = template.split(" | ");
  const isPlural = forms.length > 1 && plurals[of].select(Number(params.n)) !== "one";
  const form = forms[isPlural ? 1 : 0] ?? template;
  return form.replace(/\{(\w+)\}/g, (whole, name: string, at: number) => {
    const value = String(params[name] ?? whole);
    const isWithin = /[^.!?] $/.test(form.slice(0, at));
    return isWithin ? value.replace(RELATIVE_DAY, (day) => day.toLowerCase()) : value;
  });
}

export function t(key: Key, params: Params = {}): string {
  return fill(catalogue.value[key], params, language.value);
}

/** A feature's texts, both languages side by side. */
export type Words = Record<string, readonly [zh: string, en: string]>;

/**
 * The translator of one feature, whose texts are loaded with it: `export const t = createTranslator(words)` in its words.ts.
 * It also knows the keys of the first load's catalogue; a feature's own text comes first.
 */
export function createTranslator<K extends string>(words: Record<K, Words[string]>) {
  const own = createLookup(words);
  return (key: K | Key, params?: Params) => own(key, params) ?? t(key as Key, params);
}

/** The same for keys that the server completes: null where the feature has no text. */
export function createLookup(words: Partial<Words>) {
  return (key: string, params: Params = {}): string | null => {
    const text = words[key]?.[LANGUAGES.indexOf(language.value)];
    return text === undefined ? null : fill(text, params, language.value);
  };
}

/** The text for a key that the server completes, `errors.${code}`; null if the catalogue has none. */
export function translationOf(key: string, params: Params = {}): string | null {
  const text = (catalogue.value as Record<string, string | undefined>)[key];
  return text === undefined ? null : fill(text, params, language.value);
}

/** A text that the server sends in both languages, in the reader's. */
export function localized(texts: Readonly<Record<string, string>> | null | undefined): string | null {
  return texts?.[language.value] ?? texts?.zh ?? null;
}
