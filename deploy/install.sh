#!/usr/bin/env bash
# Installs and starts the server on a Debian or Ubuntu machine (arm64 or amd64). Run it again to change options or to update:
# settings (.env) and data are kept, and if a change fails, the former server is started again.
#
#   sudo deploy/install.sh [--dry-run] [--dir /opt/daka] [--port 8080] [--url http://…] [--domain daka.example.com | --no-domain]
#                          [--postgres | --no-postgres] [--monitoring | --no-monitoring] [--backups FOLDER] [--no-backup]
#                          [--image ghcr.io/owner/daka] [--version latest]
#                          [--base-images PREFIX] [--pip-index URL] [--npm-registry URL]
#
#   --dry-run     only print what would be done
#   --url         URL of the web app, used for links in messages; default: this machine's address and the port
#   --domain      HTTPS with certificates from Caddy; ports 80 and 443 must be reachable
#   --postgres    PostgreSQL instead of SQLite, two API and two worker processes; existing data is moved, also back again
#   --monitoring  also run Prometheus and Grafana, reachable only from this machine
#   --no-domain, --no-postgres, --no-monitoring   switch that off again
#   --backups     keep backups in this folder of the machine, for example on another disk
#   --no-backup   do not back up a running server before changing it
#   --image       name of published images; default: build them from this source (a release bundle has its own default)
#   --version     version of the images, for example latest; a release bundle has its own
#   --base-images, --pip-index, --npm-registry   mirrors for building: PREFIX/python:… instead of python:…, and package indexes
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
dir=/opt/daka port='' url='' image='' version='' domain='' backups='' backup=true dry=false
base_images='' pip_index='' npm_registry=''
https='' postgres='' monitoring='' # on, off or as it is

usage() { sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; }
fail() { echo "install: $*" >&2; exit 1; }
say() { echo "==> $*"; }
in_folder() { (cd "$dir" && "$@"); }
run() { local words=$*; if $dry; then echo "would run: ${words#in_folder }"; else "$@"; fi; }

while [ $# -gt 0 ]; do
  case "$1" in
    --dry-run) dry=true ;;
    --postgres) postgres=on ;;
    --no-postgres) postgres=off ;;
    --monitoring) monitoring=on ;;
    --no-monitoring) monitoring=off ;;
    --no-domain) https=off domain='' ;;
    --no-backup) backup=false ;;
    --dir | --port | --url | --image | --version | --domain | --backups | --base-images | --pip-index | --npm-registry)
      [ $# -ge 2 ] && [ -n "$2" ] || fail "$1 needs a value"
      [ "$1" != --domain ] || https=on
      name=${1#--}; printf -v "${name//-/_}" '%s' "$2"; shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; fail "unknown option: $1" ;;
  esac
  shift
done
is_port() { [[ $1 =~ ^[1-9][0-9]{0,4}$ && $1 -le 65535 ]]; }
[ -z "$port" ] || is_port "$port" || fail "--port $port is not a valid port"
domain=${domain,,} domain=${domain%.}
case "$domain" in *[!\ -~]*) fail "--domain $domain: write a name of another script as xn--…, which its registrar shows (punycode)" ;; esac
[[ ! $domain =~ ^[0-9.]+$ ]] || fail "--domain $domain is an address, and certificates are for names, such as daka.example.com"
[ -z "$domain" ] || [[ $domain =~ ^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*$ ]] || fail "--domain $domain is not a domain name such as daka.example.com"
[ -z "$version" ] || [[ $version =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ ]] || fail "--version $version is not a valid version"
[ -z "$image" ] || [[ $image =~ ^[a-z0-9][a-z0-9._:/-]*$ ]] || fail "--image $image is not a valid image name (lower case)"
[[ ! ${image##*/} =~ [:@] ]] || fail "--image $image names a version: give it with --version"
[ -z "$url" ] || [[ $url =~ ^https?://[^][:space:]/?#@]+/?$|^https?://\[[0-9A-Fa-f:]+\](:[0-9]+)?/?$ ]] || fail "--url $url is not scheme, host and port alone, such as http://192.168.1.10:8080"
url=${url%/}
[ -z "$base_images" ] || [[ $base_images =~ ^[a-z0-9][a-z0-9._-]*(:[0-9]+)?(/[a-z0-9._-]+)*$ ]] || fail "--base-images $base_images is not the beginning of an image name, such as registry.example.com/library"
for index in "$pip_index" "$npm_registry"; do [ -z "$index" ] || [[ $index =~ ^https?://[^[:space:]]+$ ]] || fail "$index does not start with http:// or https://"; done
[ -z "$backups" ] || [[ $backups =~ ^/[^:[:space:]]*$ ]] || fail "--backups $backups is not an absolute path without spaces"

dir=$(realpath -m "$dir")
settings=$dir/.env
assigns() { printf '^[[:space:]]*(export[[:space:]]+)?%s[[:space:]]*=[[:space:]]*' "$1"; }
# As Compose reads it: the last one counts, without quotes, comment, blanks around it, and the line ends of Windows.
value_in() {
  [ -r "$1" ] || return 0
  sed -nE "s/\r\$//; s/$(assigns "$2")//p" "$1" | tail -n 1 \
    | sed -E "s/^'([^']*)'.*/\1/; t; s/^\"([^\"]*)\".*/\1/; t; s/[[:space:]]+#.*//; s/[[:space:]]+\$//"
}
value_of() { value_in "$settings" "$1"; }
existed=false found=false; [ ! -e "$settings" ] || existed=true # found: data without its settings

# --- May it be written here?
{ ! $existed || [ -r "$settings" ]; } || fail "$(id -un) may not read $settings: sudo $0 …"
place=$dir
until [ -e "$place" ]; do place=$(dirname "$place"); done
[ -d "$place" ] || fail "--dir $dir: $place is not a folder"
if ! $dry && ! [ -w "$place" ]; then
  [ "$(id -u)" = 0 ] || fail "$(id -un) may not write to $place: sudo $0 …"
  fail "$place is on a read-only file system"
fi

# --- Which version. A release bundle holds the files of one version, and its .env.example names the images of that version.
bundle=$(value_in "$here/deploy/.env.example" DAKA_VERSION)
former=$(value_of DAKA_VERSION)
is_release() { [[ $1 =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]]; }
is_older() { [ "$1" != "$2" ] && [ "$(printf '%s\n' "${1/-/\~}" "${2/-/\~}" | sort -V | head -n 1)" = "${1/-/\~}" ]; }
if [ -n "$bundle" ]; then
  case "$bundle" in "${version:-$bundle}" | "$version".*) version=$bundle ;; esac
  [ "$version" = "$bundle" ] || fail "these files belong to version $bundle: to get $version, run the installer of its own bundle (docs/deployment.md, Update)"
  image=${image:-$(value_in "$here/deploy/.env.example" DAKA_IMAGE)}
elif is_release "${version:-}"; then
  source=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/pyproject.toml" 2>/dev/null | head -n 1)
  [ "$version" = "$source" ] || fail "these files belong to version ${source:-unknown}: check out v$version first, or use the bundle of that release"
fi
if is_release "${version:-}" && is_release "${former:-}"; then
  ! is_older "$version" "$former" || fail "$former is installed, and $version is older: it does not start on a newer database. To go back, restore a backup that $version made into a new installation (docs/operations.md)"
  [ "$version" = "$former" ] || say "$former → $version"
fi

# --- The machine
case "$(uname -m)" in
  aarch64 | arm64 | x86_64) ;;
  *) fail "images exist for arm64 and amd64, not for $(uname -m); on a 64-bit Raspberry Pi, install a 64-bit system" ;;
esac
if ! docker compose version >/dev/null 2>&1; then
  [ -r /etc/debian_version ] || fail "Docker with Compose 2 is not installed, and this is neither Debian nor Ubuntu: install it, then run this again"
  $dry || [ "$(id -u)" = 0 ] || fail "installing Docker needs root: sudo $0 …"
  say "Installing Docker from the system's packages"
  run apt-get update -qq
  packages=(docker.io ca-certificates)
  # Debian 13 has the client in a package of its own. Ubuntu calls Compose 2 docker-compose-v2.
  for name in docker-cli docker-buildx; do if apt-cache show "$name" >/dev/null 2>&1; then packages+=("$name"); fi; done
  if apt-cache show docker-compose-v2 >/dev/null 2>&1; then packages+=(docker-compose-v2); else packages+=(docker-compose); fi
  run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
  $dry || command -v docker >/dev/null || fail "${packages[*]} were installed, but there is no docker command: install Docker as described in its documentation, then run this again"
  $dry || docker compose version >/dev/null 2>&1 \
    || fail "the system's packages do not include Compose 2 (Debian 12 and older): install Docker as described in its documentation, then run this again"
fi
$dry || docker version >/dev/null 2>&1 \
  || fail "Docker is installed, but its service does not respond to $(id -un): systemctl start docker; sudo $0 …"

# --- What is running, and what would be in the way
overlays=:$(value_of COMPOSE_FILE):
has() { case "$overlays" in *":deploy/compose.$1.yaml:"*) true ;; *) false ;; esac; }
# Whether an overlay is wanted, given its option (on, off or none).
wants() { [ "$2" = on ] || { [ "$2" != off ] && has "$1"; }; }
other=$(docker ps --all --filter label=com.docker.compose.project=daka --format '{{.Label "com.docker.compose.project.working_dir"}}' 2>/dev/null | grep -vxF "$dir" | head -n 1 || true)
[ -z "$other" ] || fail "Daka is installed in $other already: change that one with --dir $other, or move it: docker compose down there (the data stays), and copy its .env to $dir"
former_port=$(value_of PORT); former_port=${former_port:-8080}
is_port "$former_port" || fail "PORT=$former_port in $settings is not a valid port"
$existed || former_port=''
ours() { docker ps --filter label=com.docker.compose.project=daka --format '{{.Ports}}' 2>/dev/null | grep -E "[:.]$1->" >/dev/null; }
taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && ! ours "$1"; }
wanted_port=${port:-${former_port:-8080}}
if wants https "$https"; then
  case "$wanted_port" in
    80 | 443)
      [ -z "$port" ] || fail "with HTTPS, port $port is wanted twice: choose another --port; it is for this machine alone"
      say "With HTTPS, Caddy needs port $wanted_port: the server itself moves to 8080, for this machine alone"
      port=8080 wanted_port=8080 ;;
  esac
fi
check_port() { ! taken "$1" || fail "port $1 is in use by another program (ss -ltnp shows which); $2. Nothing was changed"; }
check_port "$wanted_port" "choose another one with --port"
if wants https "$https"; then for number in 80 443; do check_port "$number" "HTTPS needs it: stop that program, or let it pass requests on to Daka (docs/deployment.md)"; done; fi
if wants monitoring "$monitoring"; then
  grafana=$(value_of GRAFANA_PORT) prometheus=$(value_of PROMETHEUS_PORT)
  for pair in "GRAFANA_PORT ${grafana:-3000}" "PROMETHEUS_PORT ${prometheus:-9090}"; do
    read -r name number <<< "$pair"
    [ "$number" != "$wanted_port" ] || fail "port $number is wanted twice: choose another --port, or set $name in $settings"
    check_port "$number" "choose another one by setting $name in $settings"
  done
fi

running=false
if $existed && [ -n "$(in_folder docker compose ps --quiet --status running backend 2>/dev/null || true)" ]; then running=true; fi

# --- Back up with the old version before changing anything: an older version cannot read newer tables.
if $backup && $running; then
  say "Making a backup before changing anything"
  run in_folder docker compose exec -T backend daka backup \
    || fail "the backup failed, so nothing was changed; see docker compose exec backend daka doctor (--no-backup skips the backup)"
fi

# --- Keep the former files and the names of its images until the new server is healthy.
before='' touched=false
if $existed && ! $dry; then
  before=$(mktemp -d "$dir/.before.XXXXXX")
  for part in compose.yaml deploy .env; do [ ! -e "$dir/$part" ] || cp -a "$dir/$part" "$before/"; done
  for id in $(in_folder docker compose ps --quiet 2>/dev/null || true); do
    docker inspect --format '{{.Image}} {{.Config.Image}}' "$id" 2>/dev/null || true
  done | sort -u > "$before/images"
fi
undo() {
  local status=$? id name
  trap - EXIT
  [ -n "$before" ] || exit "$status"
  if [ "$status" != 0 ]; then
    local password passwords=()
    for name in POSTGRES_PASSWORD GRAFANA_PASSWORD; do passwords+=("$name=$(value_of "$name")"); done
    for part in compose.yaml deploy .env; do
      [ ! -e "$before/$part" ] || { [ "$here" = "$(realpath -m "$dir")" ] && [ "$part" != .env ]; } || { rm -rf "${dir:?}/$part" && cp -a "$before/$part" "$dir/"; }
    done
    # Their volumes were created with these, and know no others.
    for password in "${passwords[@]}"; do [ -z "${password#*=}" ] || keep_or_set "${password%%=*}" "${password#*=}"; done
    # A build may have given their names to newer images.
    while read -r id name; do case "$name" in *@*) ;; *) docker tag "$id" "$name" 2>/dev/null || true ;; esac; done < "$before/images"
    if $running && $touched; then
      say "Starting the former server again"
      in_folder docker compose up --detach --no-build --remove-orphans --wait --wait-timeout 300 >/dev/null 2>&1 \
        && echo "install: the former settings and the former server are back" >&2 \
        || echo "install: the former server did not start either. If its log (docker compose logs backend) names a newer version, restore the backup: docs/operations.md" >&2
    else
      echo "install: the former settings are back; the server was not touched" >&2
    fi
  fi
  rm -rf "$before"
  exit "$status"
}
trap undo EXIT

# --- The files
say "Copying files to $dir"
run mkdir -p "$dir/deploy"
if [ "$here" != "$(realpath -m "$dir")" ]; then
  run install -m 0644 "$here/compose.yaml" "$dir/compose.yaml"
  for file in "$here"/deploy/compose.*.yaml "$here/deploy/.env.example"; do run install -m 0644 "$file" "$dir/deploy/"; done
  (cd "$here" && find deploy/monitoring -type f) | while read -r file; do run install -D -m 0644 "$here/$file" "$dir/$file"; done
fi

# --- The settings. A value is written once, and later changed only by an option.
set_value() {
  if $dry; then echo "would set: $1=$(case "$1" in SECRET_KEY | *PASSWORD | *TOKEN) echo '(a random value)' ;; *) echo "$2" ;; esac)"; return; fi
  local kept
  kept=$(grep -vE "$(assigns "$1")" "$settings" || true)
  (umask 077; printf '%s\n%s=%s\n' "$kept" "$1" "$2" > "$settings.new") \
    || { rm -f "$settings.new"; fail "$settings cannot be written; df -h $dir shows whether the disk is full"; }
  mv "$settings.new" "$settings"
}
keep_or_set() { [ -n "$(value_of "$1")" ] || set_value "$1" "$2"; }
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

if $existed; then say "Keeping the settings in $settings"
else
  say "Writing the settings to $settings"
  run install -m 0600 "$here/deploy/.env.example" "$settings"
  # An installation without one has generated its own, on its volume, which must stay.
  if docker volume inspect daka_data >/dev/null 2>&1; then
    found=true
    say "There is data of an earlier installation (volume daka_data). If its .env had a SECRET_KEY, put it into $settings"
  else keep_or_set SECRET_KEY "$(random)"; fi
fi
[ -z "$port" ] || set_value PORT "$port"
[ -z "$image" ] || [ "$image" = "$(value_of DAKA_IMAGE)" ] || set_value DAKA_IMAGE "$image"
[ -z "$version" ] || [ "$version" = "$(value_of DAKA_VERSION)" ] || set_value DAKA_VERSION "$version"
former_url=$(value_of PUBLIC_URL)
if [ "$https" = on ]; then
  set_value DOMAIN "$domain"
  set_value BIND_ADDRESS 127.0.0.1
  url=${url:-https://$domain}
elif [ "$https" = off ] && has https; then
  [ "$former_url" != "https://$(value_of DOMAIN)" ] || former_url=''
  set_value DOMAIN ''
  set_value BIND_ADDRESS ''
fi
# A URL that names the former port leads to that port, so it changes along with it.
if [ -n "$port" ] && [ -n "$former_port" ] && [[ $former_url =~ ^(http://[^/:]+):$former_port/?$ ]]; then url=${url:-${BASH_REMATCH[1]}:$port}; fi
address=$(hostname -I 2>/dev/null | awk '{print $1}')
url=${url:-${former_url:-http://${address:-localhost}:$wanted_port}}
[ "$url" = "$(value_of PUBLIC_URL)" ] || set_value PUBLIC_URL "$url"
if [ -n "$backups" ]; then
  set_value BACKUP_FOLDER "$backups"
  set_value BACKUP_DIR /backups
fi
for name in DATA_FOLDER BACKUP_FOLDER; do
  folder=$(value_of "$name")
  case "$folder" in
    /*)
      uid=$(value_of PUID) gid=$(value_of PGID) uid=${uid:-10001} gid=${gid:-10001}
      if [ ! -d "$folder" ]; then run install -d -m 0750 -o "$uid" -g "$gid" "$folder"
      elif [ "$(stat -c %u "$folder")" != "$uid" ]; then
        fail "$folder belongs to uid $(stat -c %u "$folder"), but the server runs as uid $uid: chown -R $uid:$gid $folder, or set PUID and PGID in $settings"
      fi ;;
  esac
done
if [ "$postgres" = on ]; then
  if [ -z "$(value_of POSTGRES_PASSWORD)" ] && docker volume inspect daka_postgres >/dev/null 2>&1; then
    fail "there is a database of an earlier installation (volume daka_postgres): put the POSTGRES_PASSWORD of its .env into $settings. If nobody needs its data: docker volume rm daka_postgres"
  fi
  keep_or_set POSTGRES_PASSWORD "$(random)"
fi
if [ "$monitoring" = on ]; then
  keep_or_set METRICS_TOKEN "$(random)"
  keep_or_set GRAFANA_PASSWORD "$(random)"
fi
# Overlays of one's own stay where they are.
files=$(value_of COMPOSE_FILE); files=:${files:-compose.yaml}:
for pair in "https $https" "postgres $postgres" "monitoring $monitoring"; do
  read -r overlay choice <<< "$pair"
  file=deploy/compose.$overlay.yaml
  case "$choice:$files" in
    on:*":$file:"*) ;;
    on:*) files=$files$file: ;;
    off:*":$file:"*) files=${files/:$file:/:} ;;
  esac
done
files=${files#:} files=${files%:}
[ "$files" = "$(value_of COMPOSE_FILE)" ] || { [ "$files" = compose.yaml ] && [ -z "$(value_of COMPOSE_FILE)" ]; } || set_value COMPOSE_FILE "$files"
run in_folder docker compose config --quiet || fail "Compose refuses these settings; see above"

# --- The images
image=${image:-$(value_of DAKA_IMAGE)}
# Pulls all images, or those of other projects alone. Without a connection, images that were loaded by hand do as well.
pull() {
  local output missing=() name
  if $dry; then run in_folder docker compose pull --quiet "$@"; return; fi
  output=$(in_folder docker compose pull --quiet "$@" 2>&1) && return
  for name in $(in_folder docker compose config --images | sort -u); do
    case "$name" in daka-backend:* | daka-frontend:*) [ $# = 0 ] || continue ;; esac
    docker image inspect "$name" >/dev/null 2>&1 || missing+=("$name")
  done
  [ ${#missing[@]} != 0 ] || { say "The registry cannot be reached or refuses; using the images that are on this machine"; return; }
  echo "$output" | tail -n 3 >&2
  case "$output" in
    *"manifest unknown"* | *"not found"*) fail "there is no image ${missing[0]}: check --image and --version" ;;
    *"no space left"*) fail "there is no room for ${missing[0]}: df -h shows the disks, and docker system prune removes what nothing uses" ;;
    *denied* | *unauthorized*) fail "the registry refuses ${missing[0]}: the name is wrong, or the image is private (docker login)" ;;
    *) fail "${missing[0]} cannot be pulled: check this machine's connection and name server, or load the images from a file (docker load) and run this again" ;;
  esac
}
if [ -n "$image" ]; then
  say "Pulling the images"
  pull
else
  say "Building the images"
  [ -r "$here/Dockerfile.backend" ] || fail "there is no source to build from; set the images with --image"
  tag=$(value_of DAKA_VERSION)
  mirrors=() # the names of compose.yaml's build arguments
  if [ -n "$base_images" ]; then
    while IFS== read -r name default; do mirrors+=("$name=$base_images/$default"); done \
      < <(sed -n 's/^ARG \([A-Z]*_IMAGE=.*\)/\1/p' "$here/Dockerfile.backend" "$here/Dockerfile.frontend")
  fi
  [ -z "$pip_index" ] || mirrors+=("PIP_INDEX_URL=$pip_index")
  [ -z "$npm_registry" ] || mirrors+=("NPM_CONFIG_REGISTRY=$npm_registry")
  # Compose builds with BuildKit of its own; `docker build` without the buildx package cannot.
  run env "${mirrors[@]}" DAKA_IMAGE=daka DAKA_VERSION="${tag:-latest}" docker compose --project-directory "$here" --file "$here/compose.yaml" build --quiet \
    || fail "the images could not be built; see above"
  [ "$files" = compose.yaml ] || pull --ignore-buildable
fi

# --- The data, if the kind of database changes
up() { run in_folder docker compose up --detach --no-build --remove-orphans --wait --wait-timeout 300 "$@"; }
was_postgres=false; ! has postgres || was_postgres=true
is_postgres=false; case ":$files:" in *:deploy/compose.postgres.yaml:*) is_postgres=true ;; esac
has_data() { $running || docker volume inspect daka_data >/dev/null 2>&1 || [ -e "$(value_of DATA_FOLDER)/app.db" ]; }
if $existed && [ $was_postgres != $is_postgres ] && has_data; then
  say "Moving the data $($is_postgres && echo 'from SQLite to PostgreSQL' || echo 'from PostgreSQL to SQLite')"
  touched=true
  file=/data/moving-$(date +%Y%m%d%H%M%S).jsonl.gz
  in_former() { if $dry; then run "$@"; else (cd "$before" && "$@"); fi; }
  # With the former files, so that the former version reads its own tables, and nothing changes after the backup.
  run in_former docker compose stop backend $($was_postgres && echo worker)
  run in_former docker compose run --rm --no-deps -T backend backup "$file" || fail "the data could not be read"
  if $is_postgres; then run in_folder docker compose up --detach --no-build --wait --wait-timeout 120 postgres || fail "PostgreSQL did not start"; fi
  restore() { run in_folder docker compose run --rm --no-deps -T backend restore --replace --keep-sessions "$file"; }
  restore || { say "Trying again in a minute"; sleep 61; restore; } || fail "the data could not be written into the new database"
  run in_folder docker compose run --rm --no-deps -T --entrypoint rm backend -f "$file"
fi

# --- The server
say "Starting"
touched=true
up || { in_folder docker compose logs --tail 20; fail "the server did not become healthy; see the log above"; }
say "Running: $url"
$existed || $found || echo "    The first visitor creates the administrator."
