f() { local a=$1; echo "f $a $# $@"; return 3; }
f x y; echo $?; g() { f "$@"; echo after; }; g 1 2 3
h() { echo ${FUNCNAME[0]}; }; h
rec() { [ $1 -le 0 ] && return; echo $1; rec $(($1-1)); }; rec 3
k() { a=global; local b=loc; }; k; echo $a [$b]
function m { echo m; }; m; unset -f m; m; echo $?
