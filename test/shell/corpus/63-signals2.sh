(trap 'echo cleaned; exit' INT TERM; while true; do sleep 0.1; done) & p=$!; sleep 0.25; kill $p; wait $p; echo "rc $?"
sh -c 'trap "echo sh-term" TERM; kill -TERM $$; echo after'; timeout 0.3 bash -c 'trap "echo bye; exit 3" TERM; sleep 5 & wait'; echo $?;
sleep 1 & kill -9 $! ; wait $! 2>/dev/null; echo $?; kill -TERM 999999 2>/dev/null || echo nope; kill -0 $$ && echo self
