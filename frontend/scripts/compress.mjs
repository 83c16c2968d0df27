// Writes file.br and file.gz beside each file of dist that becomes smaller, for servers that send them as they are.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const WORTHWHILE = 200;

let count = 0;
for (const name of readdirSync(dist, { recursive: true })) {
  if (name.startsWith(".") || !/\.(css|html|js|json|svg|webmanifest)$/.test(name)) continue;
  const content = readFileSync(new URL(name, dist));
  const brotli = brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  });
  const gzip = gzipSync(content, { level: 9 });
  if (Math.max(brotli.length, gzip.length) > content.length - WORTHWHILE) continue;
  writeFileSync(new URL(`${name}.br`, dist), brotli);
  writeFileSync(new URL(`${name}.gz`, dist), gzip);
  count += 1;
}
console.log(`${count} files are compressed as well`);
