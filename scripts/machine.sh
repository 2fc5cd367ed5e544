#!/usr/bin/env bash
# A machine with pure cgroup v2 and Debian's own kernel, for what this machine cannot show: qemu, this machine's root read-only below a tmpfs.
#
#   bash scripts/machine.sh 'npm run facts'        (root, Debian; installs qemu, kmod and fetches the kernel with apt)
#
# The command runs in the project's folder as root; what it writes there stays, all else is gone afterwards. Exit code: the command's.
# MACHINE_MEMORY (MiB), MACHINE_SECONDS (time limit), MACHINE_KERNEL_LINE (more words for the kernel).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
project=$(dirname "$here")
kept=${MACHINE_CACHE:-/var/cache/cutaway-machine}
mkdir -p "$kept"

missing=''
for entry in qemu-system-x86:/usr/bin/qemu-system-x86_64 kmod:/usr/sbin/depmod cpio:/usr/bin/cpio busybox-static:/usr/share/doc/busybox-static; do
  [ -e "${entry#*:}" ] || missing="$missing ${entry%%:*}"
done
# shellcheck disable=SC2086
[ -z "$missing" ] || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null

if ! ls "$kept"/kernel/boot/vmlinuz-* >/dev/null 2>&1; then
  package=$(apt-cache depends linux-image-amd64 | awk '/Depends:/ { print $2; exit }')
  (cd "$kept" && apt-get download -qq "$package" && dpkg-deb -x "$package"_*.deb kernel && rm "$package"_*.deb)
  depmod -b "$kept/kernel" "$(ls "$kept/kernel/lib/modules")"
fi
version=$(ls "$kept/kernel/lib/modules")
modules=$kept/kernel/lib/modules/$version

root=$(mktemp -d)
asked=dist/machine-$$
mkdir -p "$project/$asked"
trap 'rm -rf "$root" "$project/$asked"' EXIT
printf '%s\n' "$*" >"$project/$asked/command"
mkdir -p "$root/bin" "$root/modules"
cp /bin/busybox "$root/bin/busybox"
cp "$here/machine/init" "$root/init"
chmod +x "$root/init"
for module in virtio_pci virtio_blk ext4 9pnet_virtio 9p overlay; do
  modprobe -d "$kept/kernel" -S "$version" --show-depends "$module"
done | awk '{ print $2 }' | awk '!seen[$0]++' >"$root/modules/order"
while read -r module; do cp "$module" "$root/modules/"; done <"$root/modules/order"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$root.cpio.gz"
trap 'rm -rf "$root" "$root.cpio.gz" "$root.disk" "$project/$asked"' EXIT

truncate -s 256M "$root.disk"
share=security_model=passthrough,multidevs=remap
timeout "${MACHINE_SECONDS:-3600}" qemu-system-x86_64 -machine q35 -accel "${MACHINE_ACCEL:-tcg}" -cpu max -smp 2 -m "${MACHINE_MEMORY:-6144}" \
  -nodefaults -no-user-config -display none -no-reboot -serial stdio -monitor none \
  -kernel "$kept/kernel/boot/vmlinuz-$version" -initrd "$root.cpio.gz" \
  -append "console=ttyS0 quiet loglevel=1 panic=-1 no_timer_check cgroup_no_v1=all PROJECT=$project ASKED=$asked ${MACHINE_KERNEL_LINE:-}" \
  -drive "if=ide,format=raw,file=$root.disk" \
  -virtfs "local,path=/,mount_tag=host,readonly=on,$share" \
  -virtfs "local,path=$project,mount_tag=project,$share" \
  -virtfs "local,path=$modules,mount_tag=modules,readonly=on,$share" </dev/null
exit "$(cat "$project/$asked/code" 2>/dev/null || echo 125)"
