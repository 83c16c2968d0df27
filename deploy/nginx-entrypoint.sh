#!/bin/sh
# Renders the configuration to /tmp (the root file system may be read-only) and executes nginx.
set -eu

export BACKEND_URL="${BACKEND_URL:-http://backend:8000}"
export LISTEN="${LISTEN:-8080}"
export TRUSTED_PROXY="${TRUSTED_PROXY:-127.0.0.1}"
export CLIENT_MAX_BODY_SIZE="${CLIENT_MAX_BODY_SIZE:-16m}"
export WEB_ROOT="${WEB_ROOT:-/usr/share/nginx/html}"
export RUN_DIR="${RUN_DIR:-/tmp}"
export ACCESS_LOG="${ACCESS_LOG:-/dev/stdout}"
export ERROR_LOG="${ERROR_LOG:-stderr}"
template="${NGINX_TEMPLATE:-/etc/daka/nginx.conf.template}"

# nginx resolves the backend again when its address changes, but needs a resolver: it does not read resolv.conf itself.
if [ -z "${RESOLVER:-}" ]; then
  RESOLVER=$(awk '$1 == "nameserver" { print ($2 ~ /:/ ? "[" $2 "]" : $2); exit }' /etc/resolv.conf 2>/dev/null || true)
fi
export RESOLVER="${RESOLVER:-127.0.0.11}"

BACKEND_URL="${BACKEND_URL%/}"
case "$BACKEND_URL" in
  http://*|https://*) ;;
  *) echo "daka: BACKEND_URL must start with http:// or https://, not: $BACKEND_URL" >&2; exit 1 ;;
esac

# shellcheck disable=SC2016 # the names are for envsubst; nginx keeps its own $variables
envsubst '$ACCESS_LOG $BACKEND_URL $CLIENT_MAX_BODY_SIZE $ERROR_LOG $LISTEN $RESOLVER $RUN_DIR $TRUSTED_PROXY $WEB_ROOT' \
  < "$template" > "$RUN_DIR/nginx.conf"
exec nginx -e stderr -c "$RUN_DIR/nginx.conf" "$@"
