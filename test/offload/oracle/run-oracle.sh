#!/bin/bash
# A real kernel's answers about macvlan's L2 forwarding offload: builds the fixture NIC (l2fwd.c) for Debian's kernel, boots it
# in QEMU (no KVM needed), and runs tests/*.sh there. main.ts reads what the guests print.
#   run-oracle.sh [-w WORKDIR] [-j JOBS] TEST...
# TEST: a b c d e f (default: all).  Needs as root or with apt access:
#   apt-get install qemu-system-x86 busybox-static cpio gcc libc6-dev make libelf1 xz-utils \
#                   iproute2 ethtool iputils-ping tcpdump
# The guest kernel, its modules and headers are only downloaded and unpacked
# (apt-get download + dpkg -x); nothing of them is installed on the host.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
W=${TMPDIR:-/tmp}/l2fwd-oracle J=1
while getopts w:j: o; do case $o in w) W=$OPTARG;; j) J=$OPTARG;; *) exit 2;; esac; done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- a b c d e f
mkdir -p "$W"/{debs,root,mod,out} && cd "$W"
t0=$SECONDS
APT=()
IMG=$(apt-cache "${APT[@]}" depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-6[^ ]*\).*/\1/p' | head -1)
V=${IMG#linux-image-}           # e.g. 6.1.0-56-cloud-amd64
case $V in *+*) B=${V%-cloud-amd64};; *) B=${V%-cloud-amd64};; esac
KB=linux-kbuild-$(echo "$B" | sed 's/^\(6\.1\)\.0-.*/\1/')
if [ ! -e "root/boot/vmlinuz-$V" ]; then
  (cd debs && apt-get "${APT[@]}" download -q "$IMG" "linux-headers-$V" "linux-headers-$B-common" "$KB" 2>/dev/null)
  for d in debs/*.deb; do dpkg -x "$d" root; done
  H=root/usr/src/linux-headers-$V
  sed -i "s#/usr/src/#$W/root/usr/src/#" "$H/Makefile"
  rm -f "$H/vmlinux"            # no pahole, no BTF
fi
cp "$HERE"/l2fwd.c mod/ && echo 'obj-m := l2fwd.o' > mod/Makefile
make -s -C "$W/root/usr/src/linux-headers-$V" M="$W/mod" modules
gcc -O2 -Wall -static -o otool "$HERE/otool.c"
# initramfs
R=$W/initramfs; rm -rf "$R"; mkdir -p "$R"/{bin,sbin,proc,sys,dev,tmp,run,etc,mod,t,root}
cp "$HERE/init" "$R/init"; chmod +x "$R/init"; cp "$HERE"/tests/*.sh "$R/t/"
printf 'root:x:0:0:root:/root:/bin/sh\ntcpdump:x:0:0::/:/bin/sh\n' > "$R/etc/passwd"; printf 'root:x:0:\n' > "$R/etc/group"
printf 'passwd: files\ngroup: files\n' > "$R/etc/nsswitch.conf"
cp otool "$R/bin/"
for b in busybox ip bridge tc ethtool ping tcpdump; do
  p=$(PATH=$PATH:/usr/sbin:/sbin command -v $b); cp -L "$p" "$R/bin/"
  { ldd "$p" 2>/dev/null || true; } | { grep -o '/[^ ]*' || true; } | while read -r l; do mkdir -p "$R$(dirname "$l")"; cp -nL "$l" "$R$l"; done
done
for m in macvlan macvtap tap bridge stp llc 8021q garp mrp sch_fq sch_prio sch_tbf sch_ingress cls_matchall act_gact; do
  f=$(find "root/lib/modules/$V/kernel" -name "$m.ko*" | head -1)
  case $f in *.xz) xz -dc "$f" > "$R/mod/$m.ko";; *.ko) cp "$f" "$R/mod/";; esac
done
cp mod/l2fwd.ko "$R/mod/"; strip -g "$R/mod/l2fwd.ko"
CPIO=$(command -v cpio || echo busybox cpio)   # the applet will do
(cd "$R" && find . | $CPIO -o -H newc -R 0:0 2>/dev/null | gzip -1 > ../initrd.gz)
echo "prepared guest $V in $((SECONDS - t0)) s"
# The guest's clock counts instructions and skips idle time (-icount, sleep=off): a machine under load makes a run longer, never a
# timeout inside it, and a wait costs nothing. One CPU then; test c asks which of two sends, and runs by the clock on the wall.
# -cx16: QEMU 7.2 TCG corrupts EFLAGS on cmpxchg16b (double fault with 6.12).
STALL=${STALL:-900}   # a guest that says nothing for so many seconds is given up
boot() {
  local out=out/out-$1.txt cpu="-accel tcg,thread=single -icount shift=2,sleep=off -rtc clock=vm -smp 1"
  [ "$1" = c ] && cpu="-accel tcg,thread=multi -smp 2"
  qemu-system-x86_64 $cpu -m 512 -cpu max,-cx16 -nodefaults -vga none -nographic -no-reboot -net none -serial stdio \
    -kernel "$W/root/boot/vmlinuz-$V" -initrd "$W/initrd.gz" \
    -append "console=ttyS0 quiet panic=-1 mitigations=off nokaslr T=$1" < /dev/null > "$out" &
  local guest=$! size=0 quiet=0 began=$SECONDS last='' now
  while kill -0 $guest 2>/dev/null; do
    sleep 5
    now=$(wc -c < "$out")
    if [ "$now" = "$size" ]; then quiet=$((quiet + 5)); else quiet=0; fi
    size=$now
    now=$(grep -a '^@@C' "$out" | tail -n 1 | tr -d '\r' | cut -c3-80 || true)
    [ "$now" = "$last" ] || echo "  test $1, $((SECONDS - began)) s: $now" >&2
    last=$now
    if [ $quiet -ge "$STALL" ]; then echo "test $1: nothing for $STALL s" >&2; kill $guest; fi
  done
  wait $guest || true
  grep -q '^@@END' "$out" && ! grep -qE 'Oops|BUG:|Kernel panic' "$out"
}
rc=0; n=0
for t in "$@"; do
  ( s=$SECONDS; if boot "$t"; then echo "test $t ok in $((SECONDS - s)) s"; else echo "test $t FAILED"; exit 1; fi ) &
  n=$((n + 1)); if [ $((n % J)) = 0 ]; then wait -n || rc=1; fi
done
while [ "$(jobs -rp | wc -l)" -gt 0 ]; do wait -n || rc=1; done
echo "total $((SECONDS - t0)) s, results in $W/out"
exit $rc
