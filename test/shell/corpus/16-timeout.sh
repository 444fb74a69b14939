timeout 0.2 sleep 5; echo $?; timeout 5 true; echo $?; timeout 5 sh -c 'exit 3'; echo $?
timeout 0.1 nosuchcmd; echo $?; timeout -s KILL 0.1 sleep 3; echo $?
timeout -s INT 0.1 sleep 3; echo $?; timeout x true; echo $?
