echo $# $0; set -- a b c; echo $# $2 "$*" "$@"; shift; echo $1; echo ${@:2}
type cd; type echo | head -1; command -v cd; command -v nosuch; echo $?; true; echo $_ > /dev/null
getopts ab: o -a; echo $o; echo "$-" | tr -d 'hBs' | cat; printf '%q\n' 'a b'; printf '%05d %x %o %c\n' 42 255 8 z
IFS=:; v=a:b:c; for i in $v; do echo $i; done; unset IFS; echo ~ | head -c 1; echo; a=1 b=2 env | grep -E '^(a|b)=' | sort
test -t 0 || true; echo ${BASH_VERSION:0:1}; echo "$((RANDOM>=0))" ; echo $LINENO; pwd > /dev/null; umask; ulimit -n >/dev/null; declare -i n=3+4; echo $n; declare -p n
