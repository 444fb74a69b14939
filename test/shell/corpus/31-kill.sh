sleep 10 & p=$!; kill -0 $p && echo alive; kill -TERM $p; wait $p; echo $?; kill -0 $p 2>/dev/null || echo dead
(trap 'echo term; exit 9' TERM; sleep 1; echo slept) & sleep 0.2; kill $!; wait $!; echo $?
(trap '' TERM; sleep 0.5; echo survived) & sleep 0.1; kill $!; wait $!; echo $?
while :; do sleep 0.1; done & sleep 0.35; kill $!; wait $! ; echo $?
sleep 3 & kill -9 $!; wait $!; echo $?; kill -l 9; kill -l TERM
