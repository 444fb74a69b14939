(sleep 0.4; echo late) & (sleep 0.1; echo early) & echo now; wait; echo done
sleep 0.2 & p=$!; wait $p; echo $?; (exit 7) & wait $!; echo $?
f() { sleep $1; echo f$1; }; f 0.3 & f 0.1 & f 0.2 & wait
x=1; (x=2; echo $x) & wait; echo $x
for i in 3 1 2; do (sleep 0.$i; echo $i) & done; wait
sleep 5 & kill $!; wait $!; echo $?
wait 99999; echo $?
