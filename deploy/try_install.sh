#!/usr/bin/env bash
# Tries the installer with a real Docker: fresh, each option on and off, updates, failures. Each step ends with a server that is
# healthy, still has its data, and sends a reminder. For a throwaway machine: the project `daka` and its volumes are removed.
#
#   deploy/try_install.sh [SCENARIO …]     default: all
#
# Needs the images daka-backend:latest and daka-frontend:latest (make images with DAKA_IMAGE=daka), curl and python3.
# Overlays whose images are neither here nor to be pulled are skipped, and the table says so.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "${1:-}" != --help ] || { sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; exit; }
work=$(mktemp -d) target='' table=()
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
image=registry.invalid/daka # a registry that cannot be reached
for part in backend frontend; do for version in 0.1.0 0.2.0; do docker tag "daka-$part:latest" "$image-$part:$version"; done; done
for version in 0.1.0 0.2.0 0.3.0; do
  deploy/bundle.sh $version $image "$work"
  tar xzf "$work/daka-$version-server.tar.gz" -C "$work"
done
# A version whose server never becomes healthy.
docker tag daka-frontend:latest $image-frontend:0.4.0
printf 'FROM daka-backend:latest\nENTRYPOINT ["python", "-c", "raise SystemExit(\\"daka: broken on purpose\\")"]\n' > "$work/Dockerfile.broken"
docker build --quiet --tag $image-backend:0.4.0 - < "$work/Dockerfile.broken" >/dev/null
deploy/bundle.sh 0.4.0 $image "$work" && tar xzf "$work/daka-0.4.0-server.tar.gz" -C "$work"

clean() {
  local id
  for id in $(docker ps --all --quiet --filter label=com.docker.compose.project=daka); do docker rm --force "$id" >/dev/null; done
  for id in $(docker volume ls --quiet --filter label=com.docker.compose.project=daka); do docker volume rm "$id" >/dev/null; done
  for id in $(docker network ls --quiet --filter label=com.docker.compose.project=daka); do docker network rm "$id" >/dev/null; done
}
trap 'clean; rm -rf "$work"' EXIT

row() { table+=("$(printf '%-58s %s' "$1" "$2")"); echo "$(printf '%-58s %s' "$1" "$2")"; }
install() { # VERSION OPTION …
  local version=$1; shift
  "$work/daka-$version/deploy/install.sh" --dir "$target" "$@" > "$work/log" 2>&1
}
works() { python3 tests/deploy/smoke.py "http://127.0.0.1:${1:-$port}" --wait 60 ${2---again} >> "$work/log" 2>&1; }
# NAME, then a command: it succeeds, and the server works afterwards.
step() {
  local name=$1 started=$SECONDS; shift
  if "$@" && works; then row "$name" "ok, $((SECONDS - started)) s"; else row "$name" FAILED; tail -n 30 "$work/log"; failed=true; fi
}
# NAME, WORDS, then a command: it fails with these words, and the server works afterwards.
refused() {
  local name=$1 words=$2 started=$SECONDS; shift 2
  if "$@"; then row "$name" "FAILED: not refused"; failed=true
  elif ! grep -q -- "$words" "$work/log"; then row "$name" "FAILED: other words"; tail -n 15 "$work/log"; failed=true
  elif works; then row "$name" "ok: refused, $((SECONDS - started)) s"
  else row "$name" "FAILED: the former server is gone"; tail -n 15 "$work/log"; failed=true; fi
}
fresh() { # VERSION OPTION …
  clean; target=$work/target; rm -rf "$target"
  local started=$SECONDS
  if install "$1" --port "$port" "${@:2}" && works "$port" ''; then row "fresh ${*:2}" "ok, $((SECONDS - started)) s"; else row "fresh ${*:2}" FAILED; tail -n 40 "$work/log"; failed=true; fi
}
has_image() { docker image inspect "$1" >/dev/null 2>&1 || docker pull --quiet "$1" >/dev/null 2>&1; }
image_of() { sed -n "s/^ *image: \($1.*\)/\1/p" deploy/compose.*.yaml | head -n 1; }

plain() {
  fresh 0.1.0
  step "again, nothing changed" install 0.1.0
  step "update 0.1.0 → 0.2.0" install 0.2.0
  grep -q "0.1.0 → 0.2.0" "$work/log" || true
  refused "update back to 0.1.0" "0.1.0 is older" install 0.1.0
  refused "images that cannot be pulled (0.3.0)" "cannot be pulled\|there is no image\|refuses" install 0.3.0
  refused "a version that does not start (0.4.0)" "former settings and the former server are back" install 0.4.0
  grep -q '^DAKA_VERSION=0.2.0$' "$target/.env" || { row "the version in .env after these" FAILED; failed=true; }
  python3 -c 'import socket, sys, time; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1], flush=True); time.sleep(600)' > "$work/port" & other=$!
  until [ -s "$work/port" ]; do sleep 0.1; done
  refused "a port that another program has" "in use by another program" install 0.2.0 --port "$(cat "$work/port")"
  kill $other
  port=$((port + 1))
  step "another port" install 0.2.0 --port "$port"
  grep -q "^PUBLIC_URL=http://.*:$port\$" "$target/.env" || { row "PUBLIC_URL follows the port" FAILED; failed=true; }
}

https() {
  has_image "$(image_of caddy)" || { row "HTTPS" "skipped: no image"; return; }
  fresh 0.1.0
  step "HTTPS on, while it runs" install 0.1.0 --domain localhost.localdomain
  step "HTTPS off" install 0.1.0 --no-domain
  step "HTTPS on again, with an update" install 0.2.0 --domain localhost.localdomain
}

postgres() {
  has_image "$(image_of postgres)" || { row "PostgreSQL" "skipped: no image"; return; }
  fresh 0.1.0
  step "PostgreSQL on, while it runs (the data moves)" install 0.1.0 --postgres
  step "PostgreSQL off (the data moves back)" install 0.1.0 --no-postgres
  step "PostgreSQL on again" install 0.1.0 --postgres
  step "update with PostgreSQL" install 0.2.0
  refused "a version that does not start, with PostgreSQL" "former server are back" install 0.4.0
  fresh 0.2.0 --postgres
}

rolling() { # the rolling update of docs/deployment.md, while somebody asks without a pause
  has_image "$(image_of postgres)" || { row "rolling update" "skipped: no image"; return; }
  fresh 0.1.0 --postgres
  local asking old
  (while sleep 0.1; do curl --silent --output /dev/null --max-time 5 --write-out '%{http_code}\n' "http://127.0.0.1:$port/api/v1/setup"; done) > "$work/answers" &
  asking=$!
  if (
    cd "$target" && sed -i s/^DAKA_VERSION=.*/DAKA_VERSION=0.2.0/ .env
    old=$(docker compose ps -q backend)
    docker compose up -d --no-deps --no-recreate --wait --scale backend=4 backend
    # shellcheck disable=SC2086 # two of them
    docker stop $old && docker rm $old
  ) > "$work/log" 2>&1; then row "rolling update: answers" "$(sort "$work/answers" | uniq -c | tr -s ' \n' ' ')"
  else row "rolling update" FAILED; tail "$work/log"; failed=true; fi
  kill $asking
  (cd "$target" && docker compose up -d --wait) >> "$work/log" 2>&1
  step "rolling update: afterwards" true
}

monitoring() {
  { has_image "$(image_of prom)" && has_image "$(image_of grafana)"; } || { row "monitoring" "skipped: no image"; return; }
  fresh 0.1.0
  step "monitoring on, while it runs" install 0.1.0 --monitoring
  step "monitoring off" install 0.1.0 --no-monitoring
  step "monitoring on again" install 0.1.0 --monitoring
}

alone() { # compose.yaml as a release offers it, without anything beside it
  clean; target=$work/alone; mkdir -p "$target"
  cp "$work/daka-0.2.0-compose.yaml" "$target/compose.yaml"
  local started=$SECONDS
  if (cd "$target" && PORT=$port docker compose up --detach --wait) > "$work/log" 2>&1 && works "$port" ''; then row "compose.yaml alone" "ok, $((SECONDS - started)) s"
  else row "compose.yaml alone" FAILED; tail -n 30 "$work/log"; failed=true; fi
}

folder() { # a bind mount that root made
  clean; target=$work/folder; mkdir -p "$target/data"
  cp "$work/daka-0.2.0-compose.yaml" "$target/compose.yaml"
  printf 'PORT=%s\nDATA_FOLDER=%s/data\n' "$port" "$target" > "$target/.env"
  chmod 755 "$work" "$target"; chown 0:0 "$target/data"; chmod 755 "$target/data"
  (cd "$target" && docker compose run --rm -T --no-deps backend serve) > "$work/log" 2>&1 && { row "a folder of root" "FAILED: accepted"; failed=true; }
  if [ "$(wc -l < "$work/log")" -lt 8 ] && grep -q "DATA_DIR: /data belongs to user 0 and is not writable by user 10001" "$work/log"; then row "a folder of root" "ok: refused in one sentence"
  else row "a folder of root" FAILED; tail "$work/log"; failed=true; fi
  chown 1234:1234 "$target/data"; printf 'PUID=1234\nPGID=1234\n' >> "$target/.env"
  if (cd "$target" && docker compose up --detach --wait) > "$work/log" 2>&1 && works "$port" ''; then row "a folder of PUID and PGID" ok
  else row "a folder of PUID and PGID" FAILED; tail -n 20 "$work/log"; failed=true; fi
}

failed=false
if [ $# = 0 ]; then set -- plain https postgres rolling monitoring alone folder; fi
for scenario; do "$scenario"; done
echo; printf '%s\n' "$(docker version --format 'Docker {{.Client.Version}}'), Compose $(docker compose version --short)" "${table[@]}"
! $failed
