#!/usr/bin/env bash
# Tries the units with a real systemd in a container: installed from a wheel as docs/deployment.md says, ready, shut in, a backup, the timer,
# the watchdog, a restart. Needs docker, and an image of Debian 12 or newer with systemd-sysv and python3-venv.
#
#   deploy/try_systemd.sh IMAGE WHEELS     WHEELS: a folder with Daka's wheel (deploy/wheel.sh build) and those of requirements.lock
#                                          (pip download --require-hashes -r requirements.lock, with the image's version of Python)
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# = 2 ] || { sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
name=daka-try-systemd-$$
inside() { docker exec "$name" "$@"; }
trap 'status=$?; [ $status = 0 ] || inside journalctl --unit daka --no-pager --lines 20; docker rm --force "$name" >/dev/null; exit $status' EXIT
# /proc/sys stays read-only without --privileged, so that this systemd changes nothing of the machine.
docker run --detach --tty --name "$name" --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined --cgroupns private \
  --tmpfs /run --tmpfs /run/lock --tmpfs /tmp --env container=docker --volume "$(realpath "$2"):/wheels:ro" --volume "$PWD/deploy:/deploy:ro" \
  --volume "$PWD/docs:/docs:ro" --volume "$PWD/tests/deploy:/smoke:ro" "$1" /lib/systemd/systemd >/dev/null
for _ in $(seq 30); do inside systemctl is-system-running >/dev/null 2>&1 && break || sleep 1; done
inside sh -ec 'python3 -m venv /opt/daka/venv && /opt/daka/venv/bin/pip install -q --no-index --find-links /wheels /wheels/daka-*.whl
  cp -r /docs /opt/daka/docs; install -D -m 0600 /deploy/.env.example /etc/daka/daka.env; cp /deploy/daka*.service /deploy/daka*.timer /etc/systemd/system/'
inside systemd-analyze verify /etc/systemd/system/daka.service /etc/systemd/system/daka-backup.service /etc/systemd/system/daka-backup.timer
inside systemctl enable --quiet --now daka
echo "  ok  ready, as it told systemd itself"
inside python3 /smoke/smoke.py http://127.0.0.1:8000 --wait 60
pid=$(inside systemctl show --property MainPID --value daka)
inside grep -q '^CapEff:[[:space:]]*0*$' "/proc/$pid/status" && inside grep -q '^Seccomp:[[:space:]]*2$' "/proc/$pid/status"
echo "  ok  no capabilities, system calls filtered; $(inside systemd-analyze security --no-pager daka | tail -n 1 | tr -dc 'A-Za-z0-9.: ')"
inside systemctl start daka-backup && inside sh -c 'ls /var/lib/private/daka/backups/daka-*.jsonl.gz' >/dev/null
inside systemctl enable --quiet --now daka-backup.timer
echo "  ok  a backup by its unit, and the timer runs"
inside sh -c "kill -STOP $pid"
for _ in $(seq 120); do
  now=$(inside systemctl show --property MainPID --value daka)
  [ "$now" = "$pid" ] || [ "$now" = 0 ] || break
  sleep 1
done
[ "$now" != "$pid" ] || { echo "the watchdog did not restart it" >&2; exit 1; }
inside python3 /smoke/smoke.py http://127.0.0.1:8000 --again --wait 60
echo "  ok  the watchdog restarted a server that hung"
inside systemctl stop daka
[ "$(inside systemctl show --property Result --value daka)" = success ]
echo "  ok  stopped without a failure"
