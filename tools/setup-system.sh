#!/bin/sh
# Installs what the tests compare lowerdev with: the real tools, tshark and ns-3. For Debian and its kin, as root; anywhere
# else it says what is missing and succeeds, since each test that needs one of them skips itself with a reason.
set -eu

missing=
need() { # need COMMAND PACKAGE
  command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
PATH=$PATH:/usr/sbin:/sbin
need ip iproute2
need unshare util-linux
need ps procps
need ping iputils-ping
need arping iputils-arping
need ifconfig net-tools
need ethtool ethtool
need tcpdump tcpdump
need tshark tshark
need busybox busybox
need dhclient isc-dhcp-client
need python3 python3
need g++ g++
need make make
need chromium chromium
[ -e /usr/include/ns3.37 ] || [ -e /usr/include/ns3 ] || missing="$missing libns3-dev"

if [ -z "$missing" ]; then
  echo "everything is installed"
  exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "not installed (no root, or not Debian):$missing"
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
try() { # one at a time where the whole list fails: a package that this release lacks must not cost the others
  apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
}
apt-get update -qq >/dev/null 2>&1 || echo "apt-get update failed; trying with the lists that are there"
# shellcheck disable=SC2086
if ! try $missing; then
  for package in $missing; do
    try "$package" || echo "cannot install $package"
  done
fi
echo "installed:$missing"
