#!/bin/busybox sh
# The guest's first process: mounts, modules, one scenario, off.
/bin/busybox --install -s /sbin 2>/dev/null
export PATH=/bin:/sbin:/usr/bin
export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev 2>/dev/null; mount -t tmpfs tmp /run; mkdir -p /run/netns
echo 1 > /proc/sys/kernel/printk
for m in llc stp garp mrp 8021q bridge tls bonding dummy macvlan tap macvtap veth; do
  case $m in bonding) o=max_bonds=0;; dummy) o=numdummies=0;; *) o=;; esac
  [ -f /mod/$m.ko ] && insmod /mod/$m.ko $o
done
ip link set lo up
T=$(sed -n 's/.*T=\([^ ]*\).*/\1/p' /proc/cmdline)
python3 -I -S /guest.py /t/$T.txt 2>&1
poweroff -f
