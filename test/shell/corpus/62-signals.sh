trap 'echo got USR1' USR1; kill -USR1 $$; echo next
trap 'echo TERM; exit 5' TERM; (sleep 0.2; kill -TERM $$) & for i in 1 2 3 4 5; do sleep 0.1; done; echo not reached
