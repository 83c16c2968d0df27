// Gzip sizes of what a browser loads: everything at first load, and what the roster adds. The first load is few files, since
// browsers ask for six at a time over HTTP/1.1, and on a slow network the seventh waits as long as all of them.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const FIRST_LOAD_LIMIT = 45_000;
const ROSTER_LIMIT = 40_000;
const FIRST_FILES_LIMIT = 2;

const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

/** The script files of a chunk and of all that it imports at once. */
function filesOf(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const imported of chunk.imports ?? []) filesOf(imported, seen);
  return seen;
}

const gzipped = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;
const sum = (files) => files.reduce((total, file) => total + gzipped(file), 0);

const english = Object.keys(manifest).find((key) => key.endsWith("i18n/en.ts"));
const first = new Set([...filesOf("index.html"), ...(english ? filesOf(english) : [])]);
const roster = [...filesOf("src/roster/Roster.tsx")].filter((file) => !first.has(file));
const theme = gzipSync(readFileSync(new URL("theme.js", dist))).length;

const sizes = [
  ["first load (with the English catalogue)", sum([...first]) + theme, FIRST_LOAD_LIMIT],
  ["roster page", sum(roster), ROSTER_LIMIT],
];
let isTooBig = false;
for (const [name, bytes, limit] of sizes) {
  isTooBig ||= bytes > limit;
  console.log(
    `${bytes > limit ? "✕" : "●"} ${name}: ${(bytes / 1000).toFixed(1)} kB of ${limit / 1000} kB gzip`,
  );
}
const files = filesOf("index.html").size;
if (files > FIRST_FILES_LIMIT) {
  isTooBig = true;
  console.log(
    `✕ first load: ${files} files, not ${FIRST_FILES_LIMIT}: ${[...filesOf("index.html")].join(", ")}`,
  );
}
process.exit(isTooBig ? 1 : 0);
