date +%s >/dev/null; TIMEFORMAT=%R; { time sleep 0.2; } 2>&1 | tr -d '0-9.ms\n' | head -c 3; echo; SECONDS=0; sleep 1; echo $SECONDS
