set -euo pipefail
cleanup() { echo cleanup $?; }
trap cleanup EXIT
run() { echo "+ $*"; "$@"; }
run echo hi
run false | cat
echo never
