#!/usr/bin/env bash
# Builds both images and tests them end to end: compose.yaml, the main use case through nginx, a restart.
#
#   deploy/images.sh build [amd64|arm64]   with docker or, without a running engine, buildah
#   deploy/images.sh try [amd64|arm64]     test the built images, or DAKA_IMAGE, with docker compose or podman-compose
#   deploy/images.sh try-postgres [amd64|arm64]   the same on PostgreSQL with several processes; kills one and restores a backup
#
# PYTHON_IMAGE, NODE_IMAGE and NGINX_IMAGE set other base images, DAKA_IMAGE (default: try) and DAKA_VERSION the image names.
set -euo pipefail
cd "$(dirname "$0")/.."

native=$(uname -m); native=${native/x86_64/amd64}; native=${native/aarch64/arm64}
arch=${2:-$native}
export DAKA_IMAGE=${DAKA_IMAGE:-try} DAKA_VERSION=${DAKA_VERSION:-latest}

build() {
  local image engine revision started arguments name
  if docker buildx version >/dev/null 2>&1 && docker info >/dev/null 2>&1; then engine=(docker buildx build --load)
  elif command -v buildah >/dev/null; then engine=(buildah build --format docker ${BUILDAH_PULL:+--pull="$BUILDAH_PULL"})
  else echo "images: found neither docker (with buildx and a running engine) nor buildah" >&2; exit 2
  fi
  revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
  for image in backend frontend; do
    arguments=(--platform "linux/$arch" --file "Dockerfile.$image" --tag "$DAKA_IMAGE-$image:$DAKA_VERSION"
      --build-arg "REVISION=$revision" --build-arg "CREATED=$(date -u +%Y-%m-%dT%H:%M:%SZ)")
    for name in PYTHON_IMAGE NODE_IMAGE NGINX_IMAGE; do
      if grep -q "^ARG $name=" "Dockerfile.$image" && [ -n "${!name:-}" ]; then arguments+=(--build-arg "$name=${!name}"); fi
    done
    # An emulated arm64 processor without pointer authentication is several times faster.
    if [ "$arch" = arm64 ] && [ "$native" != arm64 ] && [ "$image" = backend ]; then arguments+=(--build-arg QEMU_CPU=neoverse-n1); fi
    started=$SECONDS
    "${engine[@]}" "${arguments[@]}" . >"${TMPDIR:-/tmp}/daka-build-$image.log" 2>&1 \
      || { tail -n 40 "${TMPDIR:-/tmp}/daka-build-$image.log" >&2; exit 1; }
    echo "built $DAKA_IMAGE-$image:$DAKA_VERSION for $arch in $((SECONDS - started)) s"
  done
}

# Sets `compose`, `engine`, `project` and `address` for the given overlays, with settings of its own.
prepare() {
  local port overlay
  if docker compose version >/dev/null 2>&1 && docker info >/dev/null 2>&1; then compose=(docker compose); engine=docker
  elif command -v podman-compose >/dev/null; then compose=(podman-compose); engine=podman
  else echo "images: found neither docker compose nor podman-compose" >&2; exit 2
  fi
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  project=daka-try-$port address=http://127.0.0.1:$port
  export SECRET_KEY POSTGRES_PASSWORD PORT=$port BIND_ADDRESS=127.0.0.1
  SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_hex(32))')
  POSTGRES_PASSWORD=$(python3 -c 'import secrets; print(secrets.token_hex(24))')
  compose+=(-p "$project" -f compose.yaml)
  for overlay; do compose+=(-f "deploy/compose.$overlay.yaml"); done
  # shellcheck disable=SC2064 # the command of now
  trap "status=\$?; [ \$status = 0 ] || ${compose[*]} logs; ${compose[*]} down -v >/dev/null 2>&1; exit \$status" EXIT
}

smoke() { python3 tests/deploy/smoke.py "$address" --wait 240 "$@"; }

try_out() {
  prepare
  echo "trying $DAKA_IMAGE-{backend,frontend}:$DAKA_VERSION on $arch"
  "${compose[@]}" up -d --no-build
  smoke
  "${compose[@]}" exec -T backend python -c '
import os, pathlib, platform
assert os.getuid() != 0, "not root"
status = dict(line.split(":", 1) for line in pathlib.Path("/proc/self/status").read_text().splitlines())
assert int(status["CapEff"], 16) == 0 == int(status["CapBnd"], 16), "no capabilities"
for place in ("/opt/daka/x", "/etc/x", "/x"):
    try:
        pathlib.Path(place).touch()
    except OSError:
        continue
    raise SystemExit(f"{place} is writable")
resident = next(line for line in pathlib.Path("/proc/1/status").read_text().splitlines() if line.startswith("VmRSS"))
print(f"  ok  {platform.machine()}, uid {os.getuid()}, no capabilities, read-only; {int(resident.split()[1]) // 1024} MB resident")
'
  "${compose[@]}" restart >/dev/null 2>&1
  smoke --again
  said=$("${compose[@]}" run --rm --no-deps -T -e SECRET_KEY=change-me-please-please backend serve 2>&1) \
    && { echo "a placeholder SECRET_KEY was accepted" >&2; exit 1; }
  grep -q "SECRET_KEY is still the placeholder" <<< "$said" || { echo "$said" >&2; exit 1; }
  echo "  ok  a placeholder SECRET_KEY is refused with a message"
}

# The running containers of a service.
running() {
  "$engine" ps --quiet --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$1"
}

try_postgres() {
  local first file=/data/try.jsonl.gz
  prepare postgres
  echo "trying $DAKA_IMAGE-{backend,frontend}:$DAKA_VERSION on $arch with PostgreSQL"
  export API_REPLICAS=2 WORKER_REPLICAS=3
  "${compose[@]}" up -d --no-build
  smoke
  [ "$(running backend | wc -l) $(running worker | wc -l)" = "2 3" ] || { echo "not all processes are running" >&2; exit 1; }
  echo "  ok  2 API processes, 3 workers"
  read -r first < <(running worker)
  "$engine" kill "$first" >/dev/null
  smoke --again
  echo "  ok  with a worker killed"
  "${compose[@]}" exec -T backend daka backup "$file"
  "${compose[@]}" restart >/dev/null 2>&1
  smoke --again
  "${compose[@]}" stop backend worker >/dev/null 2>&1
  sleep 60 # a worker that ticked within the last minute counts as running
  "${compose[@]}" run --rm --no-deps -T backend restore --replace "$file"
  "${compose[@]}" up -d --no-build >/dev/null 2>&1
  smoke --again
  echo "  ok  with the restored backup"
}

case "${1:-}" in
  build) build ;;
  try) try_out ;;
  try-postgres) try_postgres ;;
  *) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; exit 2 ;;
esac
