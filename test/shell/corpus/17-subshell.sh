(cd /tmp; pwd); x=1; (x=2; echo $x); echo $x; (exit 4); echo $?
echo $(echo a; echo b) "$(printf 'x\n\n')" `echo back`
echo $( (echo nested) ) $(echo $(echo deep))
[ "$(echo a)" = a ] && echo eq; echo "${x}$(exit 5)"; y=$(exit 6); echo $?
