#!/bin/bash
# A real kernel's answers about macvlan's L2 forwarding offload: builds the fixture NIC (l2fwd.c) for Debian's kernel, boots it
# in QEMU (no KVM needed), and runs tests/*.sh there. main.ts reads what the guests print.
#   run-oracle.sh [-w WORKDIR] [-j JOBS] TEST...
# TEST: a b c d e (default: a b c e).  Needs as root or with apt access:
#   apt-get install qemu-system-x86 busybox-static cpio gcc make libelf1 xz-utils \
#                   iproute2 ethtool iputils-ping tcpdump
# The guest kernel, its modules and headers are only downloaded and unpacked
# (apt-get download + dpkg -x); nothing of them is installed on the host.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
W=${TMPDIR:-/tmp}/l2fwd-oracle J=1
while getopts w:j: o; do case $o in w) W=$OPTARG;; j) J=$OPTARG;; *) exit 2;; esac; done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- a b c e
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
  ldd "$p" | grep -o '/[^ ]*' | while read -r l; do mkdir -p "$R$(dirname "$l")"; cp -nL "$l" "$R$l"; done
done
for m in macvlan macvtap tap bridge stp llc 8021q garp mrp sch_fq sch_prio sch_tbf sch_ingress; do
  f=$(find "root/lib/modules/$V/kernel" -name "$m.ko*" | head -1)
  case $f in *.xz) xz -dc "$f" > "$R/mod/$m.ko";; *.ko) cp "$f" "$R/mod/";; esac
done
cp mod/l2fwd.ko "$R/mod/"; strip -g "$R/mod/l2fwd.ko"
CPIO=$(command -v cpio || echo busybox cpio)   # the applet will do
(cd "$R" && find . | $CPIO -o -H newc -R 0:0 2>/dev/null | gzip -1 > ../initrd.gz)
echo "prepared guest $V in $((SECONDS - t0)) s"
boot() {  # -cx16: QEMU 7.2 TCG corrupts EFLAGS on cmpxchg16b (double fault with 6.12)
  timeout 1800 qemu-system-x86_64 -accel tcg,thread=multi -smp 2 -m 512 -cpu max,-cx16 -nodefaults -vga none \
    -nographic -no-reboot -net none -serial stdio -kernel "$W/root/boot/vmlinuz-$V" -initrd "$W/initrd.gz" \
    -append "console=ttyS0 quiet panic=-1 mitigations=off nokaslr T=$1" < /dev/null | tr -d '\r' > "out/out-$1.txt"
  grep -q '^@@END' "out/out-$1.txt" && ! grep -qE 'Oops|BUG:|Kernel panic' "out/out-$1.txt"
}
rc=0; n=0
for t in "$@"; do
  ( s=$SECONDS; if boot "$t"; then echo "test $t ok in $((SECONDS - s)) s"; else echo "test $t FAILED"; exit 1; fi ) &
  n=$((n + 1)); if [ $((n % J)) = 0 ]; then wait -n || rc=1; fi
done
while [ "$(jobs -rp | wc -l)" -gt 0 ]; do wait -n || rc=1; done
echo "total $((SECONDS - t0)) s, results in $W/out"
exit $rc
