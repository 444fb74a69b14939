cd /tmp; rm -rf ldt; mkdir ldt; cd ldt
echo a > f; echo b >> f; cat f; cat < f | wc -l
{ echo o; echo e >&2; } > o.txt 2> e.txt; cat o.txt e.txt
{ echo o; echo e >&2; } > both.txt 2>&1; cat both.txt
ls nofile 2>/dev/null; echo $?; ls nofile > /dev/null 2>&1; echo $?
echo x >&2; echo y 2>/dev/null; (echo z >&2) 2>/dev/null
exec 3> three; echo to3 >&3; exec 3>&-; cat three
exec 4< f; read l <&4; echo "l=$l"; read l <&4; echo "l=$l"; exec 4<&-
echo bad > /nonexistent/x; echo $?
cat < nofile; echo $?
set -C; echo a > f; echo $?
: > new; ls; for i in 1 2; do echo $i; done > loop; cat loop
&>all echo q; cat all; cd ..; rm -r ldt
