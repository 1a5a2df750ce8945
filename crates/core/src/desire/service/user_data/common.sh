#!/bin/sh
# Written by hastack: sets up the instance before the user data is run.
set -eu
root=${HASTACK_ROOT:-}

say() { echo "hastack: $*" >&2; }

# Ends, and has cloud-init pass over the scripts that come after this one: it runs what is executable.
give_up() {
  say "cannot $*; no further user data is run"
  case $0 in "$root"/var/lib/cloud/*) chmod a-x "${0%/*}"/* ;; esac
  exit 1
}

# Tries for some five minutes: names, addresses and permissions take effect a while after they are made.
persist() {
  waited=0 pause=1
  until "$@"; do
    [ "$waited" -lt 300 ] || return 1
    sleep "$pause"
    waited=$((waited + pause))
    [ "$pause" -ge 32 ] || pause=$((pause * 2))
  done
}

has() { command -v "$1" >/dev/null; }

add_package() {
  if has dnf; then dnf -q -y install "$1"
  elif has yum; then yum -q -y install "$1"
  elif has zypper; then zypper -q -n install "$1"
  elif has apt-get; then
    apt-get -q -o DPkg::Lock::Timeout=300 update &&
      DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 install "$1"
  else return 1; fi
}
