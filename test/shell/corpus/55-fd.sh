exec {fd}>/tmp/ldf.$$; echo via fd >&$fd; exec {fd}>&-; cat /tmp/ldf.$$
exec 5</tmp/ldf.$$; read -u 5 line; echo "$line"; exec 5<&-; rm /tmp/ldf.$$
{ echo out; echo err >&2; } 3>&1 1>&2 2>&3 | sed 's/^/piped: /'
f() { echo o; echo e >&2; }; x=$(f 2>&1 >/dev/null); echo "x=$x"; f > >(sed 's/^/P:/') 2>/dev/null; sleep 0.1
echo one > /tmp/ldf.$$; echo two >> /tmp/ldf.$$; while read -r l <&7; do echo "l:$l"; done 7</tmp/ldf.$$; diff <(echo a) <(echo a) && echo same; rm /tmp/ldf.$$
echo hi | tee /tmp/ldf.$$ | cat; cat /tmp/ldf.$$; rm /tmp/ldf.$$; ls /nonexist &>/dev/null || echo quiet
