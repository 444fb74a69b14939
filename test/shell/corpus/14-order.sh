f() { echo o1; echo e1 >&2; echo o2; }
f; f 2>&1 | cat; x=$(f 2>&1); echo "$x"; y=$(f); echo "$y"; f 2>/dev/null; f >/dev/null
for i in 1 2; do f; done 2>&1 | sed 's/^/> /'
if f; then nosuchcmd; fi; nosuch2 2>&1; { nosuch3; } 2>&1 | sed 's/.*line/line/' 
