// Both catalogues have the same keys and parameters, and no key is without a use.
import { readdirSync, readFileSync } from "node:fs";

const source = new URL("../src/", import.meta.url);
const read = (file) => readFileSync(new URL(file, source), "utf8");

function entriesOf(text) {
  const entries = [...text.matchAll(/^ {2}(?:"([^"]+)"|(\w+)):\s*"((?:[^"\\]|\\.)*)",$/gm)];
  return new Map(entries.map(([, quoted, bare, words]) => [quoted ?? bare, words]));
}

const parameters = (words) => [...new Set(words.match(/\{\w+\}/g) ?? [])].sort().join(" ");

/** Keys that are built while running: the code of an error, the kind of a channel. */
const BUILT =
  /^(answer|errors|language|status|role|field|hint|outcome|occasion|scope|row|did|kind|state|known|stage|policy\.preset_)/;

const zh = entriesOf(read("i18n/zh.ts"));
const en = entriesOf(read("i18n/en.ts"));
const problems = [];
for (const key of zh.keys()) if (!en.has(key)) problems.push(`en lacks ${key}`);
for (const key of en.keys()) if (!zh.has(key)) problems.push(`zh lacks ${key}`);
for (const [key, words] of zh)
  if (en.has(key) && parameters(words) !== parameters(en.get(key)))
    problems.push(`${key}: the parameters differ: ${parameters(words)} / ${parameters(en.get(key))}`);

const code = readdirSync(source, { recursive: true })
  .filter((file) => /\.tsx?$/.test(file) && !file.startsWith("i18n"))
  .map(read)
  .join("\n");
for (const key of zh.keys())
  if (!BUILT.test(key) && !code.includes(`"${key}"`)) problems.push(`nobody says ${key}`);

/** Beginnings of keys that this code completes while running: `sort.${day}`. */
const beginnings = (code) => [...code.matchAll(/`((?:\w+\.)*\w+[._])\$\{/g)].map(([, start]) => start);

// A feature's own words have both languages side by side; the tests compare the parameters.
for (const file of readdirSync(source, { recursive: true }).filter((file) => file.endsWith("/words.ts"))) {
  if (file === "errors/words.ts") continue; // tests/kernel/test_problem_codes.py compares them with the server's codes
  const folder = file.slice(0, -"words.ts".length);
  const beside = readdirSync(new URL(folder, source), { recursive: true })
    .filter((name) => /\.tsx?$/.test(name) && name !== "words.ts")
    .map((name) => read(folder + name))
    .join("\n");
  const built = beginnings(beside);
  for (const [, quoted, bare] of read(file).matchAll(/^ {2}(?:"([^"]+)"|(\w+)): \[/gm)) {
    const key = quoted ?? bare;
    if (!BUILT.test(key) && !beside.includes(`"${key}"`) && !built.some((start) => key.startsWith(start)))
      problems.push(`${file}: nobody says ${key}`);
  }
}

for (const problem of problems) console.error(`✕ ${problem}`);
if (zh.size === 0) problems.push("no keys found");
console.log(`${zh.size} keys in two languages`);
process.exit(problems.length > 0 ? 1 : 0);
