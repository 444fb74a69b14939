(sleep 0.3; exit 1) & (sleep 0.1; exit 2) & wait -n; echo $?; wait -n; echo $?; wait -n; echo $?
sleep 0.5 & sleep 0.1; jobs | sed 's/  */ /g'; kill %1; wait; echo w
trap 'echo usr' USR1; (sleep 0.1; kill -USR1 $$) & wait; echo $?; wait; echo done
