#!/usr/bin/env bash
# Installs and starts the server on a Debian or Ubuntu machine (arm64 or amd64). Run it again to change options or update:
# existing settings (.env) and data are kept.
#
#   sudo deploy/install.sh [--dry-run] [--dir /opt/daka] [--port 8080] [--url http://…] [--domain daka.example.com]
#                          [--postgres] [--monitoring] [--no-backup] [--image ghcr.io/owner/daka] [--version latest]
#
#   --dry-run     only print what would be done
#   --url         URL of the web app, used for links in messages; default: this machine's address and the port
#   --domain      HTTPS with certificates from Caddy; ports 80 and 443 must be reachable
#   --postgres    PostgreSQL instead of SQLite, two API and two worker processes
#   --monitoring  also run Prometheus and Grafana, reachable only from this machine
#   --no-backup   do not back up a running server before changing it
#   --image       name of published images; default: build them from this source (a release bundle has its own default)
#   --version     version of the images, also to update
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
dir=/opt/daka port='' url='' image='' version='' domain='' postgres=false monitoring=false backup=true dry=false

usage() { sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; }
fail() { echo "install: $*" >&2; exit 1; }
say() { echo "==> $*"; }
in_folder() { (cd "$dir" && "$@"); }
run() { local words=$*; if $dry; then echo "would run: ${words#in_folder }"; else "$@"; fi; }

while [ $# -gt 0 ]; do
  case "$1" in
    --dry-run) dry=true ;;
    --postgres) postgres=true ;;
    --monitoring) monitoring=true ;;
    --no-backup) backup=false ;;
    --dir | --port | --url | --image | --version | --domain)
      [ $# -ge 2 ] && [ -n "$2" ] || fail "$1 needs a value"
      printf -v "${1#--}" '%s' "$2"; shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; fail "unknown option: $1" ;;
  esac
  shift
done
[ -z "$port" ] || [[ $port =~ ^[0-9]+$ && $port -ge 1 && $port -le 65535 ]] || fail "--port $port is not a valid port"
[ -z "$domain" ] || [[ $domain =~ ^[A-Za-z0-9.-]+\.[A-Za-z0-9-]+$ ]] || fail "--domain $domain is not a domain name such as daka.example.com"
[ -z "$version" ] || [[ $version =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ ]] || fail "--version $version is not a valid version"
[ -z "$image" ] || [[ $image =~ ^[a-z0-9][a-z0-9._:/-]*$ ]] || fail "--image $image is not a valid image name (lower case)"
[ -z "$url" ] || [[ $url =~ ^https?://[^[:space:]]+$ ]] || fail "--url $url does not start with http:// or https://"

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
  if apt-cache show docker-compose-v2 >/dev/null 2>&1; then compose=docker-compose-v2; else compose=docker-compose; fi
  run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker.io "$compose" ca-certificates openssl
  $dry || docker compose version >/dev/null 2>&1 \
    || fail "the system's packages do not include Compose 2 (Debian 12 and older): install Docker as described in its documentation, then run this again"
fi

# --- Back up with the old version before changing anything: an older version cannot read newer tables.
settings=$dir/.env
if $backup && [ -e "$settings" ] && [ -n "$(in_folder docker compose ps --quiet --status running backend 2>/dev/null || true)" ]; then
  say "Making a backup before changing anything"
  run in_folder docker compose exec -T backend daka backup \
    || fail "the backup failed, so nothing was changed; see docker compose exec backend daka doctor (--no-backup skips the backup)"
fi

# --- The files
say "Copying files to $dir"
run mkdir -p "$dir/deploy"
if [ "$here" != "$(realpath -m "$dir")" ]; then
  run install -m 0644 "$here/compose.yaml" "$dir/compose.yaml"
  for file in "$here"/deploy/compose.*.yaml "$here/deploy/.env.example"; do run install -m 0644 "$file" "$dir/deploy/"; done
  (cd "$here" && find deploy/monitoring -type f) | while read -r file; do run install -D -m 0644 "$here/$file" "$dir/$file"; done
fi

# --- The settings. A value is written once, and later changed only by an option.
value_of() { if [ -r "$settings" ]; then sed -n "s/^$1=//p" "$settings" | tail -n 1; fi; }
set_value() {
  if $dry; then echo "would set: $1=$(case "$1" in SECRET_KEY | *PASSWORD | *TOKEN) echo '(a random value)' ;; *) echo "$2" ;; esac)"; return; fi
  local kept
  kept=$(grep -v "^$1=" "$settings" || true)
  (umask 077; printf '%s\n%s=%s\n' "$kept" "$1" "$2" > "$settings.new")
  mv "$settings.new" "$settings"
}
keep_or_set() { [ -n "$(value_of "$1")" ] || set_value "$1" "$2"; }
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

if [ -e "$settings" ]; then say "Keeping the settings in $settings"
else
  say "Writing the settings to $settings"
  run install -m 0600 "$here/deploy/.env.example" "$settings"
fi
keep_or_set SECRET_KEY "$(random)"
[ -z "$port" ] || set_value PORT "$port"
[ -z "$image" ] || set_value DAKA_IMAGE "$image"
[ -z "$version" ] || set_value DAKA_VERSION "$version"
if [ -n "$domain" ]; then
  set_value DOMAIN "$domain"
  set_value BIND_ADDRESS 127.0.0.1
  url=${url:-https://$domain}
fi
address=$(hostname -I 2>/dev/null | awk '{print $1}')
port=${port:-$(value_of PORT)}; port=${port:-8080}
if [ -n "$url" ]; then set_value PUBLIC_URL "$url"; else keep_or_set PUBLIC_URL "http://${address:-localhost}:$port"; fi
if $postgres; then keep_or_set POSTGRES_PASSWORD "$(random)"; fi
if $monitoring; then
  keep_or_set METRICS_TOKEN "$(random)"
  keep_or_set GRAFANA_PASSWORD "$(random)"
fi
files=$(value_of COMPOSE_FILE); files=${files:-compose.yaml}
for overlay in ${domain:+https} $($postgres && echo postgres) $($monitoring && echo monitoring); do
  case ":$files:" in *":deploy/compose.$overlay.yaml:"*) ;; *) files=$files:deploy/compose.$overlay.yaml ;; esac
done
[ "$files" = "$(value_of COMPOSE_FILE)" ] || set_value COMPOSE_FILE "$files"

# --- The server
image=${image:-$(value_of DAKA_IMAGE)}
if [ -n "$image" ]; then
  say "Pulling the images"
  run in_folder docker compose pull --quiet
else
  say "Building the images"
  [ -r "$here/Dockerfile.backend" ] || fail "there is no source to build from; set the images with --image"
  tag=${version:-$(value_of DAKA_VERSION)}
  for part in backend frontend; do
    run docker build --quiet --file "$here/Dockerfile.$part" --tag "daka-$part:${tag:-latest}" "$here"
  done
fi
say "Starting"
run in_folder docker compose up --detach --no-build --remove-orphans --wait --wait-timeout 300 \
  || { in_folder docker compose logs --tail 20; fail "the server did not become healthy; see the log above"; }
say "Running: $($dry && echo "${url:-http://${address:-localhost}:$port}" || value_of PUBLIC_URL)  The first visitor creates the administrator."
