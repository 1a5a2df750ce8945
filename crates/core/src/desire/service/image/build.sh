#!/bin/sh
# Written by hastack: runs the script of image.build, says on the console what has come of it, and powers off.
root=${HASTACK_ROOT:-}
folder=$root/var/lib/hastack-build
log=$root/var/log/hastack-build.log
console=$root/dev/console

# The line may follow a prompt.
say() { printf '\nhastack-build: %s\n' "$*" >>"$console"; }

# What each instance of the image is to have of its own.
forget() {
  rm -rf "$folder" &&
    if command -v cloud-init >/dev/null; then cloud-init clean --logs; fi &&
    if [ -e "$root/etc/machine-id" ]; then : >"$root/etc/machine-id"; fi &&
    if [ ! -L "$root/var/lib/dbus/machine-id" ]; then rm -f "$root/var/lib/dbus/machine-id"; fi &&
    rm -f "$root"/etc/ssh/ssh_host_*_key "$root"/etc/ssh/ssh_host_*_key.pub "$root/var/lib/systemd/random-seed"
}

mkdir -p "$folder"
chmod 700 "$folder"
cat >"$folder/script" <<'hastack-@DIGEST@'
@SCRIPT@
hastack-@DIGEST@
chmod 700 "$folder/script"
: >"$log"
chmod 600 "$log"

cd "$root/" || exit
HOME=/root DEBIAN_FRONTEND=noninteractive timeout -k 60 @MINUTES@m "$folder/script" >>"$log" 2>&1 </dev/null
status=$?
if [ "$status" -eq 0 ]; then forget >>"$log" 2>&1 || status=$?; fi

say "the end of its output:"
tail -n 40 "$log" | tail -c 4000 >>"$console"
if [ "$status" -eq 0 ]; then say "succeeded @DIGEST@"; else say "failed $status"; fi
sync
poweroff
# Nothing is to be written any more by what has started this.
sleep 600
