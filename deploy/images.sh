#!/usr/bin/env bash
# Builds the images (DAKA_IMAGE-backend, DAKA_IMAGE-frontend, and DAKA_IMAGE, which holds everything) and tests them end to end.
#
#   deploy/images.sh build [amd64|arm64]         with docker or, without a running engine, buildah
#   deploy/images.sh build-whole [amd64|arm64]   only the image that holds everything, from the other two
#   deploy/images.sh try [amd64|arm64]           compose.yaml, the main use case through nginx, a restart; docker compose or podman-compose
#   deploy/images.sh try-postgres [amd64|arm64]  the same on PostgreSQL with several processes; kills one and restores a backup
#   deploy/images.sh try-whole [amd64|arm64]     the image that holds everything, as people at home start it; docker or podman
#   deploy/images.sh try-packages [amd64|arm64]  that image as the packages for a NAS and panels start it; docker compose
#
# DAKA_IMAGE (default: try) and DAKA_VERSION are the images' names. Mirrors: PYTHON_IMAGE, NODE_IMAGE and NGINX_IMAGE set other base
# images, PIP_INDEX_URL and NPM_CONFIG_REGISTRY other package indexes.
set -euo pipefail
cd "$(dirname "$0")/.."

native=$(uname -m); native=${native/x86_64/amd64}; native=${native/aarch64/arm64}
arch=${2:-$native}
export DAKA_IMAGE=${DAKA_IMAGE:-try} DAKA_VERSION=${DAKA_VERSION:-latest}

# build NAME IMAGE DOCKERFILE ARGUMENT …
build_one() {
  local name=$1 image=$2 file=$3 started=$SECONDS; shift 3
  "${engine[@]}" --platform "linux/$arch" --file "$file" --tag "$image:$DAKA_VERSION" "$@" \
    --build-arg "VERSION=$DAKA_VERSION" --build-arg "REVISION=$revision" --build-arg "CREATED=$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
    . >"${TMPDIR:-/tmp}/daka-build-$name.log" 2>&1 || { tail -n 40 "${TMPDIR:-/tmp}/daka-build-$name.log" >&2; exit 1; }
  echo "built $image:$DAKA_VERSION for $arch in $((SECONDS - started)) s"
}

# Sets `engine` and `revision`. Given a builder's name, docker uses that one.
prepare_build() {
  if docker buildx version >/dev/null 2>&1 && docker info >/dev/null 2>&1; then engine=(docker buildx ${1:+--builder "$1"} build --load)
  elif command -v buildah >/dev/null; then engine=(buildah build --format docker ${BUILDAH_PULL:+--pull="$BUILDAH_PULL"})
  else echo "images: found neither docker (with buildx and a running engine) nor buildah" >&2; exit 2
  fi
  revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
}

build() {
  local image arguments name
  prepare_build
  for image in backend frontend; do
    arguments=()
    for name in PYTHON_IMAGE NODE_IMAGE NGINX_IMAGE PIP_INDEX_URL NPM_CONFIG_REGISTRY; do
      if grep -q "^ARG $name\b" "Dockerfile.$image" && [ -n "${!name:-}" ]; then arguments+=(--build-arg "$name=${!name}"); fi
    done
    # An emulated arm64 processor without pointer authentication is several times faster.
    if [ "$arch" = arm64 ] && [ "$native" != arm64 ] && [ "$image" = backend ]; then arguments+=(--build-arg QEMU_CPU=neoverse-n1); fi
    build_one "$image" "$DAKA_IMAGE-$image" "Dockerfile.$image" "${arguments[@]}"
  done
  build_whole
}

# The image that holds everything, from the two that are on this machine: a builder in a container would not see them.
build_whole() {
  prepare_build default
  build_one whole "$DAKA_IMAGE" Dockerfile --build-arg "BACKEND_IMAGE=$DAKA_IMAGE-backend:$DAKA_VERSION" \
    --build-arg "FRONTEND_IMAGE=$DAKA_IMAGE-frontend:$DAKA_VERSION"
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Sets `compose`, `engine`, `project` and `address` for the given overlays, with settings of its own.
prepare() {
  local port overlay
  if docker compose version >/dev/null 2>&1 && docker info >/dev/null 2>&1; then compose=(docker compose); engine=docker
  elif command -v podman-compose >/dev/null; then compose=(podman-compose); engine=podman
  else echo "images: found neither docker compose nor podman-compose" >&2; exit 2
  fi
  port=$(free_port)
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

LIMIT_MB=110 # of memory, for the whole server without anything to do

# run_whole FOLDER|VOLUME OPTION …: the container `$name` on a free port, which answers at `$address`.
run_whole() {
  local port
  port=$(free_port)
  address=http://127.0.0.1:$port
  "$engine" rm --force "$name" >/dev/null 2>&1 || true
  "$engine" run --detach --name "$name" --platform "linux/$arch" --publish "127.0.0.1:$port:8080" --volume "$1:/data" "${@:2}" \
    "$DAKA_IMAGE:$DAKA_VERSION" >/dev/null
}
# The command of README.md as it is printed, but for the image, the names and the port of the host.
run_readme() {
  local port line
  port=$(free_port)
  address=http://127.0.0.1:$port
  line=$(sed -n "s#^docker run \(.*\) ghcr.io/OWNER/daka\$#$engine run --platform linux/$arch \1 $DAKA_IMAGE:$DAKA_VERSION#p" README.md)
  line=${line/--name daka/--name $name} line=${line/-p 8080:/-p 127.0.0.1:$port:} line=${line/-v daka:/-v $name:}
  [ -n "$line" ] && echo "  $line" && eval "$line" >/dev/null
}
inside() { "$engine" exec "$name" "$@"; }
server_user() { inside sh -c 'sed -n "s/^Uid:\t\([0-9]*\).*/\1/p" /proc/1/status'; }

try_whole() {
  local name=daka-try-whole-$$ work image=$DAKA_IMAGE:$DAKA_VERSION mb
  if docker info >/dev/null 2>&1; then engine=docker
  elif command -v podman >/dev/null; then engine=podman
  else echo "images: found neither docker nor podman" >&2; exit 2
  fi
  echo "trying $image on $arch"
  work=$(mktemp -d)
  # shellcheck disable=SC2064 # the names of now
  trap "status=\$?; [ \$status = 0 ] || $engine logs $name; $engine rm --force $name >/dev/null 2>&1; $engine volume rm $name >/dev/null 2>&1; $engine run --rm --volume $work:/work --entrypoint find $image /work -mindepth 1 -delete; rm -rf $work; exit \$status" EXIT

  local started=$SECONDS
  run_readme
  smoke
  [ $((SECONDS - started)) -lt 90 ] || [ "$arch" != "$native" ] || { echo "the first reminder came $((SECONDS - started)) s after the start" >&2; exit 1; }
  echo "  ok  from the command of README.md to the first reminder: $((SECONDS - started)) s"
  for _ in $(seq 60); do [ "$("$engine" inspect --format '{{.State.Health.Status}}' "$name")" != healthy ] || break; sleep 1; done
  [ "$("$engine" inspect --format '{{.State.Health.Status}}' "$name")" = healthy ] || { echo "Docker does not find it healthy" >&2; exit 1; }
  "$engine" logs "$name" 2>&1 | grep 'Time zone: Asia/Shanghai' >/dev/null || { echo "the log does not say the time zone" >&2; exit 1; }
  "$engine" restart "$name" >/dev/null
  for _ in $(seq 240); do ! curl --silent --fail --output /dev/null "$address/api/health" || break; sleep 0.5; done
  mb=$(inside python -c '
import pathlib, re
status = pathlib.Path("/proc/1/status").read_text()
of = {name: int(value, 16) for name, value in re.findall(r"^(Cap\w+|NoNewPrivs):\s+(\w+)$", status, re.MULTILINE)}
assert of["CapEff"] == of["CapPrm"] == 0 and of["NoNewPrivs"] == 1, of
print(sum(int(kb) for kb in re.findall(r"^Rss(?:Anon|Shmem):\s+(\d+)", status, re.MULTILINE)) // 1024)')
  [ "$mb" -le $LIMIT_MB ] || [ "$arch" != "$native" ] || { echo "it takes $mb MB, more than $LIMIT_MB" >&2; exit 1; }
  smoke --again
  [ "$(server_user)" = 10001 ] || { echo "it runs as user $(server_user)" >&2; exit 1; }
  echo "  ok  healthy, says its time zone; uid 10001, no capabilities, $mb MB"
  inside daka user list >/dev/null
  [ -z "$(inside find /data ! -uid 10001 -print -quit)" ] || { echo "a command left files of another user behind" >&2; exit 1; }

  # As a NAS and the careful start it. Docker makes a folder that is not there as root.
  run_whole "$work/made-by-root" --read-only --tmpfs /tmp --env TZ=Asia/Taipei
  smoke
  "$engine" logs "$name" 2>&1 | grep 'Time zone: Asia/Taipei' >/dev/null || { echo "TZ is not honoured" >&2; exit 1; }
  echo "  ok  on a folder that root made, read-only, with another TZ"
  run_whole "$work/made-by-root" --env PUID=1234 --env PGID=100 --cap-drop ALL --cap-add CHOWN --cap-add SETUID --cap-add SETGID --cap-add DAC_OVERRIDE
  smoke --again
  [ "$(server_user)" = 1234 ] || { echo "it runs as user $(server_user)" >&2; exit 1; }
  echo "  ok  and again as PUID and PGID, with few capabilities"
  run_whole "$work/made-by-root" --user 1234:100 --read-only --tmpfs /tmp --cap-drop ALL
  smoke --again
  echo "  ok  and again with --user, without any"
  "$engine" run --rm --platform "linux/$arch" --volume "$work/of-others:/data" --entrypoint touch "$image" /data/photo.jpg
  refused "DATA_DIR: /data belongs to user 0 and is not writable by user 10001" --volume "$work/of-others:/data"
  refused "is not an IANA time zone such as Asia/Shanghai" --env TZ=CST-8
  refused "PUID and PGID are numbers" --env PUID=me
  refused "may not become user 10001: leave it" --cap-drop ALL
}

# WORDS OPTION …: the container ends at once, with one line that says these words.
refused() {
  local said
  said=$("$engine" run --rm --platform "linux/$arch" "${@:2}" "$DAKA_IMAGE:$DAKA_VERSION" 2>&1) && { echo "not refused: $1" >&2; exit 1; }
  { grep -q "$1" <<< "$said" && [ "$(wc -l <<< "$said")" = 1 ]; } || { echo "$said" >&2; exit 1; }
  echo "  ok  refused: $said"
}

# What each platform puts into its package's variables, as far as it is known.
try_packages() {
  local work name port network
  work=$(mktemp -d) port=$(free_port) address=http://127.0.0.1:$port
  export CONTAINER_NAME=daka-try-package PANEL_APP_PORT_HTTP=$port TIME_ZONE=Asia/Shanghai PUBLIC_ADDRESS='' \
    WEB_PORT=$port PUBLIC_URL='' HOST_IP=127.0.0.1 CPUS=0 MEMORY_LIMIT=0 APP_PATH=$work/baota \
    TRIM_SERVICE_PORT=$port TRIM_PKGVAR=$work/fnos AppID=daka TZ=Asia/Shanghai PUID=1000 PGID=1000
  python3 deploy/packages.py "$DAKA_VERSION" "$DAKA_IMAGE" "$work"
  mkdir -p "$work"/{nas,casaos,1panel,baota,fnos,AppData/daka/data} # the last one CasaOS makes itself
  cp "$work"/*-nas-compose.yaml "$work/nas/compose.yaml"
  cp "$work"/*-casaos.yaml "$work/casaos/compose.yaml"
  tar xzf "$work"/*-1panel.tar.gz -C "$work/1panel" && cp "$work/1panel/daka/$DAKA_VERSION/docker-compose.yml" "$work/1panel/compose.yaml"
  unzip -q "$work"/*-baota.zip -d "$work/baota" && cp "$work/baota/daka/latest/docker-compose.yml" "$work/baota/compose.yaml"
  tar xzf "$work"/*-fnos-x86.fpk -C "$work/fnos" && tar xzf "$work/fnos/app.tgz" -C "$work/fnos" && cp "$work/fnos/docker/docker-compose.yaml" "$work/fnos/compose.yaml"
  # Where a port or a folder stands in the file, people change it there.
  sed -i "s/\"8080:8080\"/\"127.0.0.1:$port:8080\"/; s/published: \"8080\"/published: \"$port\"/; s|source: /DATA/AppData|source: $work/AppData|; s/^name: .*/name: daka-try-package/; s/container_name: daka$/container_name: daka-try-package/" "$work"/*/compose.yaml
  # shellcheck disable=SC2064 # the names of now
  trap "status=\$?; [ \$status = 0 ] || docker logs daka-try-package; docker rm --force --volumes daka-try-package daka-try-package-daka-1 >/dev/null 2>&1; docker run --rm --volume $work:/work --entrypoint find $DAKA_IMAGE:$DAKA_VERSION /work -mindepth 1 -delete; rm -rf $work; exit \$status" EXIT
  for network in 1panel-network baota_net; do docker network inspect $network >/dev/null 2>&1 || docker network create $network >/dev/null; done
  for name in nas casaos 1panel baota fnos; do
    echo "trying the package for $name on $arch"
    # A panel may remove the limits of 0; Docker takes them as none.
    docker compose --project-name daka-try-package --file "$work/$name/compose.yaml" up --detach --quiet-pull
    smoke
    docker compose --project-name daka-try-package --file "$work/$name/compose.yaml" down --volumes >/dev/null 2>&1
  done
}

case "${1:-}" in
  build) build ;;
  build-whole) build_whole ;;
  try-whole) try_whole ;;
  try-packages) try_packages ;;
  try) try_out ;;
  try-postgres) try_postgres ;;
  *) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; exit 2 ;;
esac
