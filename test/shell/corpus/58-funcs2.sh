outer() { inner() { echo "inner $1"; }; inner x; }; outer; inner y; declare -f inner >/dev/null && echo defined; declare -F nope || echo undef
counter() { : $((cnt++)); }; cnt=0; counter; counter; echo $cnt; r() { return 300; }; r; echo $?; v() { local IFS=,; echo "$*"; }; v a b c; echo a b
d() { local x=${1:?need arg}; echo $x; }; (d) 2>/dev/null; echo $?; d ok; s() { set -- z; echo $1; }; set -- q; s; echo $1; e() { echo "$@" | wc -w; }; e a "b c"
export -f outer 2>/dev/null; g() { [[ $1 -le 1 ]] && echo 1 || echo $(( $1 * $(g $(( $1 - 1 ))) )); }; g 5; h() (cd /tmp; echo sub; x=9); x=1; h; echo $x; k() { echo to-err >&2; }; k 2>&1 | cat; l() { echo body; } > /tmp/ldl.$$; l; cat /tmp/ldl.$$; rm /tmp/ldl.$$
