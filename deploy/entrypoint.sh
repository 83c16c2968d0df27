#!/bin/sh
# The command `daka` of the image that holds everything. Started as root, as a NAS does it, on a folder that root made, it gives the
# folder to the user as whom Daka runs, and becomes that user: PUID:PGID, else the folder's owner, else 10001:10001. Under
# `docker run --user` it does nothing of this.
set -eu
export TIMEZONE="${TIMEZONE:-${TZ:-}}"
[ "$(id -u)" = 0 ] || exec /opt/daka/bin/daka "$@"

fail() { echo "daka: $*" >&2; exit 1; }
uid=$(stat -c %u "$DATA_DIR") gid=$(stat -c %g "$DATA_DIR")
[ "$uid" != 0 ] || uid=10001
[ "$gid" != 0 ] || gid=10001
uid=$(printf %s "${PUID:-$uid}" | tr -d '[:space:]') gid=$(printf %s "${PGID:-$gid}" | tr -d '[:space:]')
for number in "$uid" "$gid"; do
  case "$number" in '' | *[!0-9]* | ??????????*) fail "PUID and PGID are numbers, such as those that the command id prints, not $uid and $gid" ;; esac
done
as="setpriv --reuid $uid --regid $gid --clear-groups --inh-caps=-all --no-new-privs --"
$as true 2>/dev/null || fail "the container runs as root but may not become user $uid: leave it the capabilities SETUID and SETGID, or run it with --user $uid:$gid"

for folder in "$DATA_DIR" "${BACKUP_DIR:-}"; do
  [ -d "$folder" ] || continue
  # Only what is Daka's or empty: nobody's whole disk, mounted by mistake. Without the right to chown, the server says what to do.
  other=$(find "$folder" -mindepth 1 -maxdepth 1 ! -name '.*' ! -name '@eaDir' ! -name '#recycle' ! -name lost+found -print -quit)
  if [ -z "$other" ] || [ -e "$folder/app.db" ] || [ -e "$folder/secret.key" ] || [ -n "$(find "$folder" -maxdepth 1 -name 'daka-*.jsonl.gz' -print -quit)" ]; then
    find "$folder" -xdev ! \( -uid "$uid" -gid "$gid" \) -exec chown -h "$uid:$gid" {} + 2>/dev/null || true
  fi
done
export HOME="$DATA_DIR"
exec $as /opt/daka/bin/daka "$@"
