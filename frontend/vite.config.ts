import { readdirSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

const server = "http://127.0.0.1:8000";

const tests = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => /\.test\.tsx?$/.test(name))
  .map((name) => `src/${name}`);
/** Test files that draw, or change the browser or the session: each gets modules and a document of its own.
 *  The others share them, since to load them takes ten times as long as the tests. */
const alone = tests.filter((name) =>
  /\bvi\.(stub|mock|doMock|use|spyOn)|\brender\(|\blocation\b|[sS]torage\b|sessionState/.test(
    readFileSync(name, "utf8"),
  ),
);

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    // light-dark() must reach the browser as it is: it is what keeps the theme from flashing.
    cssTarget: ["chrome123", "safari17.5", "firefox128"],
    // The content security policy allows no inline code; nothing may be turned into a data: URL.
    assetsInlineLimit: 0,
    manifest: true,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What every page needs comes in one file, not in a dozen small ones; so does what the roster and Today's requests need.
          groups: [
            {
              name: "shared",
              test: /node_modules|\/src\/(api|ui|lib|i18n\/(index|zh)|shifts\/(useShifts|periods)|calendar\/month|today\/shiftGroups|auth\/PasswordFields)/,
            },
            { name: "parts", test: /\/src\/parts/ },
            {
              name: "notes",
              test: /\/src\/(roster\/(notes|clipboard|words)|requests\/leaveTypes|wishes\/wish)\.ts/,
            },
            {
              name: "board",
              test: /\/src\/roster\/(cells|coverage|days|editorState|findings|history|pasteShape)\.ts/,
            },
            { name: "requests", test: /\/src\/requests\/(SwapRow|format|useRequests|words)\.ts/ },
          ],
        },
      },
    },
  },
  server: {
    host: "127.0.0.1",
    fs: { allow: [".", "../docs"] }, // the glossary, which a test compares with the catalogues
    proxy: { "/api": server, "/a/": server, "/ical/": server },
  },
  test: {
    environment: "happy-dom",
    projects: [
      { extends: true, test: { name: "alone", include: alone } },
      {
        extends: true,
        test: {
          name: "together",
          include: tests.filter((name) => !alone.includes(name)),
          isolate: false,
          setupFiles: ["src/beforeEachFile.ts"],
        },
      },
    ],
  },
});
