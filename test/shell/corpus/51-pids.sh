pids=()
for i in 3 1 2; do (sleep 0.$i; echo job $i; exit $i) & pids+=($!); done
for p in "${pids[@]}"; do wait "$p"; echo "rc $?"; done
declare -A rc
for n in a b; do { sleep 0.1; [ $n = a ]; } & rc[$n]=$!; done
for n in a b; do if wait ${rc[$n]}; then echo $n ok; else echo $n bad; fi; done
sleep 100 & sleep 100 & kill $(jobs -p); wait; echo all dead
( trap 'echo child exit' EXIT; sleep 0.1 ) & wait $!; echo $?
