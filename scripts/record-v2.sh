#!/usr/bin/env bash
# Records what a real kernel and a real Docker do with pure cgroup v2, in the machine of machine.sh: test/fixtures/cgroup-v2.json
# and test/fixtures/docker-v2/. Root, Debian; some minutes.
#
#   bash scripts/record-v2.sh [kernel|docker [NAME...]]
#   bash scripts/record-v2.sh linux         what was recorded of Docker, played on the linux target there: prints what differs
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-all}
[ $# -eq 0 ] || shift

# One file each: through the machine's slow processor, many small ones take minutes to load.
mkdir -p dist/v2
banner="import { createRequire as \$createRequire } from 'node:module'; const require = \$createRequire(import.meta.url);"
for entry in test/suites/cgroup-v2/record.ts:kernel test/docker/record-v2.ts:docker test/linux/play-v2.ts:linux; do
  npx esbuild "${entry%:*}" --bundle --platform=node --format=esm --log-level=warning "--banner:js=$banner" --outfile="dist/v2/${entry#*:}.mjs"
done

kernel='node dist/v2/kernel.mjs test/fixtures/cgroup-v2.json'
# The engine is in a group of its own, as systemd starts it: where it looks for limits of swap.
docker='cd /sys/fs/cgroup; mkdir -p system.slice/docker.service; echo "+cpuset +cpu +io +memory +pids" >system.slice/cgroup.subtree_control
echo $$ >system.slice/docker.service/cgroup.procs; cd "$PROJECT"; node dist/v2/docker.mjs test/fixtures/docker-v2 test/fixtures/docker '"$*"
case $what in
kernel) bash scripts/machine.sh "$kernel" ;;
docker) bash scripts/machine.sh "$docker" ;;
linux) bash scripts/machine.sh 'node dist/v2/linux.mjs test/fixtures/docker-v2/*.json' ;;
*) bash scripts/machine.sh "$kernel && { $docker; }" ;;
esac
