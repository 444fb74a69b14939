for w in apple banana cherry x1 ""; do case $w in a*) echo A;; b*|c*) echo BC;; x[0-9]) echo X;; "") echo empty;; *) echo other;; esac; done
case abc in *b*) echo 1;& z) echo 2;; esac; case x in x) echo 3;;& *) echo 4;; esac
if [[ abc == a* && 5 -gt 3 ]]; then echo yes; fi; [[ abc =~ ^a(.)c$ ]] && echo ${BASH_REMATCH[1]}
[[ -z "" ]] && echo z; [ -f /etc/passwd ] && echo f; [ -d /tmp ] && echo d; [ ! -e /nope ] && echo ne
test 3 -eq 3 && echo t; [ a \< b ] && echo lt; [[ 10 -lt 9 ]] || echo nlt
