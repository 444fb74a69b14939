set -e
false || echo ok1
if false; then :; fi
! true
x=$(false) || echo ok2
f() { false; echo "in f"; }
f || echo no
(exit 3) || echo rc $?
true && false || true
[ 1 = 2 ] && echo never
echo before
false
echo never
