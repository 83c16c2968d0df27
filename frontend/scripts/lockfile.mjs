// The lock file names no host: no download addresses, no sponsors. `--write` takes them out after an install.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
let count = 0;
for (const entry of Object.values(lock.packages)) {
  for (const name of ["resolved", "funding"]) {
    if (name in entry) count++;
    delete entry[name];
  }
}
const text = `${JSON.stringify(lock, null, 2)}\n`;
if (process.argv.includes("--write")) writeFileSync(file, text);
else if (count > 0 || text.includes("://")) {
  console.error("✕ package-lock.json names a host; run: npm run lock");
  process.exit(1);
}
