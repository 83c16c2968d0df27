// Completes the build: a copy of index.html for each page's path, which names the files of that page, so that they load beside
// the app's own, and lets a server answer 404 for every other path; and dist/sw.js, the service worker with the files that Today
// and the calendar need without a network.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

/** The files of a chunk and of all that it imports at once. */
function addFiles(key, files) {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`The build has no ${key}`);
  if (files.has(chunk.file)) return files;
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  for (const imported of chunk.imports ?? []) addFiles(imported, files);
  return files;
}

const html = readFileSync(new URL("index.html", dist), "utf8").replace(
  'src="/theme.js"',
  `$& data-english="/${manifest["src/i18n/en.ts"].file}"`,
);
writeFileSync(new URL("index.html", dist), html);

const app = readFileSync(new URL("../src/app.tsx", import.meta.url), "utf8");
const sources = new Map(
  [...app.matchAll(/^ {2}(\w+): page\(\(\) => import\("\.\/([^"]+)"\)/gm)].map(([, page, source]) => [
    page,
    `src/${source}.tsx`,
  ]),
);
if (sources.size === 0) throw new Error("src/app.tsx has no pages");
const paths = JSON.parse(readFileSync(new URL("../src/lib/paths.json", import.meta.url), "utf8"));
const first = addFiles("index.html", new Set());
const early = (file) =>
  `    <link rel="${file.endsWith(".css") ? 'preload" as="style' : "modulepreload"}" crossorigin href="/${file}">\n`;
for (const [page, path] of Object.entries(paths)) {
  if (path === "/") continue;
  const own = sources.has(page) ? [...addFiles(sources.get(page), new Set(first))].slice(first.size) : [];
  writeFileSync(
    new URL(`.${path}.html`, dist),
    html.replace("  </head>", `${own.map(early).join("")}  </head>`),
  );
}

/** Pages and catalogues beyond the first load that must be there too. */
const LATER = ["src/i18n/en.ts", "src/calendar/Calendar.tsx", "src/requests/Waiting.tsx"];
const BESIDE = ["theme.js", "favicon.svg", "manifest.webmanifest"];

const files = new Set(BESIDE);
for (const key of ["index.html", ...LATER]) addFiles(key, files);

const template = readFileSync(new URL("../worker/sw.js", import.meta.url), "utf8");
const hash = createHash("sha256").update(template).update(html);
const kept = [...files].sort();
for (const file of kept) hash.update(file).update(readFileSync(new URL(file, dist)));
const filled = template
  .replace('"VERSION"', JSON.stringify(hash.digest("hex").slice(0, 16)))
  .replace('["FILES"]', JSON.stringify(["/", ...kept.map((file) => `/${file}`)], null, 2));
writeFileSync(new URL("sw.js", dist), filled);
console.log(`sw.js keeps ${kept.length + 1} files`);
