set -euo pipefail
log() { printf '[%s] %s\n' "$1" "${*:2}" >&2; }
die() { log ERROR "$@"; exit 1; }
tmp=/tmp/ldc.$$
cleanup() { local rc=$?; rm -f "$tmp"; log INFO "cleanup rc=$rc"; exit $rc; }
trap cleanup EXIT
echo data > "$tmp"
[[ -s $tmp ]] || die "empty"
while getopts ":a:bh" opt -a val -b -x; do
  case $opt in a) echo "a=$OPTARG";; b) echo b;; \?) echo "bad -$OPTARG";; esac
done
if ! out=$(ls /nonexistent 2>&1); then echo "failed: ${out%%:*}"; fi
((i=0)) || true
((i++)) || true
echo i=$i
command -v nosuchtool >/dev/null || echo "no tool"
die "the end"
