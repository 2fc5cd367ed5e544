#!/usr/bin/env bash
# The one test command (`npm test`, `npm run test:fast`, .ci/run): installs what is missing where it can, then runs the tests.
# fast: the pure suites only, nothing is installed but npm packages. all: everything, real kernel and real Docker included.
# With CI=true nothing may be skipped. The last line is "N passed, N failed, N skipped".
set -euo pipefail
mode=${1:-all}
cd "$(dirname "$0")/.."

if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-audit --no-fund
fi

# Debian package and a path that shows that it is there.
packages='docker.io:/usr/sbin/dockerd busybox-static:/usr/share/doc/busybox-static tini:/usr/bin/tini-static runc:/usr/sbin/runc util-linux:/usr/bin/unshare chromium:/usr/bin/chromium'
packages="$packages podman:/usr/bin/podman skopeo:/usr/bin/skopeo umoci:/usr/bin/umoci debootstrap:/usr/sbin/debootstrap uidmap:/usr/bin/newuidmap"
if [ "$mode" = all ]; then
  missing=''
  for entry in $packages; do
    [ -e "${entry#*:}" ] || missing="$missing ${entry%%:*}"
  done
  if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
      echo "installing:$missing"
      export DEBIAN_FRONTEND=noninteractive
      apt-get update -qq
      # No service may be started by an installation: the tests start a private engine of their own.
      policy=/usr/sbin/policy-rc.d
      if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
      fi
      # shellcheck disable=SC2086
      apt-get install -y -qq --no-install-recommends $missing >/dev/null
    else
      echo "not installed (needs root on Debian):$missing; the tests that need them are skipped and named"
    fi
  fi
  npm run --silent check
fi
npm run --silent build
node --import tsx test/run.ts "$mode"
