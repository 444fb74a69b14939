printf 'a b c\nd e\n' | while read x y; do echo "$x|$y"; done; echo "1 2" | { read a b; echo $b $a; }
printf 'x\ny' | while read l || [ -n "$l" ]; do echo "l=$l"; done; read -r z <<< 'a\b'; echo "$z"; echo abc | { read -n 2 q; echo $q; }
while IFS== read k v; do echo "$k -> $v"; done < <(printf 'a=1\nb=2\n'); n=0; while read l; do n=$((n+1)); done < /etc/passwd; [ $n -gt 0 ] && echo counted
{ read a; read b; cat; } <<E
1
2
3
4
E
read x < /dev/null; echo $?
