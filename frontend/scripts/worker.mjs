// Completes the build: dist/sw.js, the service worker with the files that Today and the calendar need without a network;
// and a copy of index.html for each page's path, so that a server can answer 404 for every other one.
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";

const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

/** Pages and catalogues beyond the first load that must be there too. */
const LATER = ["src/i18n/en.ts", "src/calendar/Calendar.tsx", "src/requests/Waiting.tsx"];
const BESIDE = ["theme.js", "favicon.svg", "manifest.webmanifest"];

const files = new Set();
function add(key) {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`The build has no ${key}`);
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  for (const imported of chunk.imports ?? []) add(imported);
}
for (const key of ["index.html", ...LATER]) add(key);
for (const file of BESIDE) files.add(file);

const template = readFileSync(new URL("../worker/sw.js", import.meta.url), "utf8");
const hash = createHash("sha256")
  .update(template)
  .update(readFileSync(new URL("index.html", dist)));
const paths = [...files].sort();
for (const path of paths) hash.update(path).update(readFileSync(new URL(path, dist)));
const filled = template
  .replace('"VERSION"', JSON.stringify(hash.digest("hex").slice(0, 16)))
  .replace('["FILES"]', JSON.stringify(["/", ...paths.map((path) => `/${path}`)], null, 2));
writeFileSync(new URL("sw.js", dist), filled);
console.log(`sw.js keeps ${paths.length + 1} files`);

const pages = Object.values(
  JSON.parse(readFileSync(new URL("../src/lib/paths.json", import.meta.url), "utf8")),
);
for (const path of pages.filter((path) => path !== "/"))
  copyFileSync(new URL("index.html", dist), new URL(`.${path}.html`, dist));
