#!/usr/bin/env bash
# Makes what a release offers: one folder with the installer for servers, a compose.yaml that is enough by itself, and the packages of
# deploy/packages.py for a NAS or a panel.
#
#   deploy/bundle.sh VERSION IMAGE FOLDER     for example: deploy/bundle.sh 1.2.3 ghcr.io/owner/daka dist
#
# FOLDER gets daka-VERSION-server.tar.gz (with the top folder daka-VERSION), daka-VERSION-compose.yaml, the packages, and SHA256SUMS of
# everything in it.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# = 3 ] || { sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
version=$1 image=$2
mkdir -p "$3"
target=$(cd "$3" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
top=$work/daka-$version
mkdir "$top"
cp -r compose.yaml deploy docs LICENSE README.md README.zh-CN.md CHANGELOG.md "$top/"
rm -rf "$top"/deploy/{images,lint,bundle,try_install,try_matrix,try_systemd,wheel,entrypoint}.sh "$top"/deploy/{build.lock,bases.Dockerfile,release_notes.py,packages.py,packages,__pycache__} \
  "$top"/docs/*.py "$top/docs/__pycache__"
# What people copy from the guides is this release.
sed -i "s|ghcr.io/OWNER/daka|$image:$version|" "$top"/README*.md "$top"/docs/*.md
# There is no source to build from, and the images of this version go with its files.
sed -i "/^    build:/,/^      dockerfile:/d; s|\${DAKA_IMAGE:-daka}|\${DAKA_IMAGE:-$image}|; s|\${DAKA_VERSION:-latest}|\${DAKA_VERSION:-$version}|" \
  "$top/compose.yaml" "$top"/deploy/compose.*.yaml
sed -i "s|^#DAKA_IMAGE=.*|DAKA_IMAGE=$image|; s|^#DAKA_VERSION=.*|DAKA_VERSION=$version|" "$top/deploy/.env.example"
cp "$top/compose.yaml" "$target/daka-$version-compose.yaml"
tar --create --gzip --owner 0 --group 0 --numeric-owner --file "$target/daka-$version-server.tar.gz" --directory "$work" "daka-$version"
python3 deploy/packages.py "$version" "$image" "$target"
cd "$target"
rm -f SHA256SUMS
find . -maxdepth 1 -type f -printf '%f\n' | sort | xargs sha256sum > "$work/sums" && mv "$work/sums" SHA256SUMS
