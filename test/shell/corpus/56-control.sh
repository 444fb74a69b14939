i=0; until (( i >= 3 )); do (( i += 1 )); [ $i -eq 2 ] && continue; echo $i; done
for a in 1 2 3; do for b in x y; do [[ $a$b == 2x ]] && continue 2; echo -n "$a$b "; done; done; echo
case "$(uname)" in Linux) echo linux;; esac; case foo.tar.gz in *.tar.*) echo tar;; esac
[ -n "a" -a -z "" ] && echo and; [ 1 -gt 2 -o 2 -gt 1 ] && echo or; [[ 1 -lt 2 && ( a == b || c == c ) ]] && echo grp; [ ! -f /x ] && echo not
n=5; while ((n--)); do ((n==2)) && break; done; echo $n; true; while false; do :; done; echo $?; for ((;;)); do break; done; if :; then :; fi; echo $?
f() { for x in 1 2 3; do [ $x = 2 ] && return $x; done; }; f; echo $?; { echo g1; echo g2; } | tail -1; x=1; { x=2; }; echo $x; (x=3); echo $x; ! false && echo neg
retry() { local n=0; until [ $n -ge 3 ]; do "$@" && return 0; n=$((n+1)); sleep 0.1; done; return 1; }; retry false; echo retry $?; retry true; echo $?
