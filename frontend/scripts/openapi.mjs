// Check backend/openapi.json against the recommended rules of Redocly and Spectral. A warning fails too.
import { readFileSync } from "node:fs";
import { createConfig, formatProblems, lintFromString } from "@redocly/openapi-core";
import spectralCore from "@stoplight/spectral-core";
import rulesets from "@stoplight/spectral-rulesets";

const file = new URL("../../backend/openapi.json", import.meta.url);
const source = readFileSync(file, "utf8");

// Signing in elsewhere begins and ends with a redirect, which Redocly does not take for a success.
const config = await createConfig({ extends: ["recommended"], rules: { "operation-2xx-response": "off" } });
const problems = await lintFromString({ source, absoluteRef: file.pathname, config });
formatProblems(problems, { format: "stylish", totals: { errors: 0, warnings: 0, ignored: 0 }, version: "" });

const spectral = new spectralCore.Spectral();
spectral.setRuleset({ extends: [rulesets.oas] });
const findings = await spectral.run(JSON.parse(source));
for (const found of findings) console.error(`${found.path.join(".")}: ${found.message} (${found.code})`);

if (problems.length || findings.length) {
  console.error(`openapi.json: ${problems.length} findings of Redocly, ${findings.length} of Spectral`);
  process.exit(1);
}
