import type { Words } from ".";
import { en } from "./en";
import { zh } from "./zh";

type Texts = Record<string, string>;
const features = import.meta.glob<{ words: Words }>(["../**/words.ts", "../**/*Words.ts"], { eager: true });

const side = (words: Words, of: 0 | 1): Texts =>
  Object.fromEntries(Object.entries(words).map(([key, texts]) => [key, texts[of]]));

/** For the tests: every catalogue of the app by its file. */
export const catalogues: [string, { zh: Texts; en: Texts }][] = [
  ["./", { zh, en }],
  ...Object.entries(features).map(([file, { words }]): [string, { zh: Texts; en: Texts }] => [
    file,
    { zh: side(words, 0), en: side(words, 1) },
  ]),
];
