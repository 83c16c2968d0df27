#!/usr/bin/env bash
# Runs try_install.sh with the Docker of Debian 13 and of Ubuntu 24.04: the client, Compose, buildx, daemon and containerd from each
# release's own packages, with a network of its own. As root on a throwaway machine that has apt-get, runc, iptables and nsenter.
#
#   deploy/try_matrix.sh IMAGES.tar [SCENARIO …]     IMAGES.tar: docker save daka-backend:latest daka-frontend:latest …, with the overlays' images
#
# RELEASES (default: trixie noble) chooses the releases; DEBIAN_MIRROR and UBUNTU_MIRROR name mirrors if this machine's own has not both.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -ge 1 ] || { sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
images=$(realpath "$1"); shift
work=$(mktemp -d /var/tmp/daka-matrix.XXXXXX) daemon=''
stop() { [ -z "$daemon" ] || { kill "$daemon" 2>/dev/null && wait "$daemon" || true; daemon=''; }; }
trap 'status=$?; stop; umount -l "$work"/*/run "$work"/*/data 2>/dev/null || true; rm -rf "$work"; exit $status' EXIT

own=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v '^#' | grep -oE 'https?://[^ ]+/(debian|ubuntu)/?( |$)' | head -n 1 | sed -E 's#/(debian|ubuntu)/? *$##' || true)
debian=${DEBIAN_MIRROR:-$own/debian} ubuntu=${UBUNTU_MIRROR:-$own/ubuntu}
sources() {
  case "$1" in
    trixie) echo "deb [trusted=yes] $debian trixie main" ;;
    noble) printf 'deb [trusted=yes] %s\n' "$ubuntu noble main universe" "$ubuntu noble-updates main universe" ;;
  esac
}
packages() {
  case "$1" in
    trixie) echo docker.io docker-cli docker-compose docker-buildx containerd tini ;;
    noble) echo docker.io docker-compose-v2 docker-buildx containerd ;;
  esac
}

# Unpacks a release's packages into $work/RELEASE.
fetch() {
  local at=$work/$1
  mkdir -p "$at"/{apt/etc/apt/sources.list.d,apt/etc/apt/preferences.d,apt/var/lib/apt/lists/partial,apt/var/lib/dpkg,apt/var/cache/apt/archives/partial,debs,root,config/cli-plugins,data,run}
  touch "$at/apt/var/lib/dpkg/status"
  sources "$1" > "$at/apt/etc/apt/sources.list"
  local options=(-o "Dir=$at/apt" -o "Dir::State::status=$at/apt/var/lib/dpkg/status" -o APT::Architecture="$(dpkg --print-architecture)" -o Acquire::Languages=none -o APT::Sandbox::User=root)
  # shellcheck disable=SC2046 # a list of names
  apt-get "${options[@]}" update -qq && (cd "$at/debs" && apt-get "${options[@]}" download -qq $(packages "$1")) || return 1
  for package in "$at"/debs/*.deb; do dpkg -x "$package" "$at/root"; done
  find "$at/root" -path '*cli-plugins/docker-*' -type f -exec ln -sf {} "$at/config/cli-plugins/" \;
}

failed=false
for release in ${RELEASES:-trixie noble}; do
  at=$work/$release
  fetch "$release" > "$work/log" 2>&1 || { echo "$release: its packages cannot be reached from here"; tail -n 2 "$work/log"; continue; }
  binaries=$at/root/usr/bin:$at/root/usr/sbin
  rm -f "$at"/root/usr/{s,}bin/runc # the kernel's side is this machine's anyway
  PATH=$binaries:$PATH setsid unshare --net --mount bash -c \
    'ip link set lo up; exec dockerd --data-root "$0/data" --exec-root "$0/run" --host "unix://$0/docker.sock" --pidfile "$0/docker.pid" --exec-opt native.cgroupdriver=cgroupfs' \
    "$at" > "$at/dockerd.log" 2>&1 < /dev/null & daemon=$!
  for _ in $(seq 60); do [ ! -S "$at/docker.sock" ] || break; sleep 0.5; done
  inside() { DOCKER_HOST=unix://$at/docker.sock DOCKER_CONFIG=$at/config PATH=$binaries:$PATH nsenter --net --target "$daemon" "$@"; }
  for _ in $(seq 60); do ! inside docker version >/dev/null 2>&1 || break; sleep 0.5; done
  inside docker load --quiet --input "$images" >/dev/null || { tail -n 5 "$at/dockerd.log"; failed=true; stop; continue; }
  echo "== $release: daemon $(inside docker version --format '{{.Server.Version}}'), $(inside docker buildx version | cut -d' ' -f1-2)"
  inside bash deploy/try_install.sh "$@" || failed=true
  stop
done
! $failed
