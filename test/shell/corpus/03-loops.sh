for i in 1 2 3; do echo $i; done; for ((i=0;i<3;i++)); do echo c$i; done
i=0; while [ $i -lt 3 ]; do i=$((i+1)); [ $i = 2 ] && continue; echo w$i; done
until [ $i -le 0 ]; do i=$((i-1)); done; echo $i
for i in a b c; do for j in 1 2; do [ $i$j = b1 ] && break 2; echo $i$j; done; done
for x; do echo none; done; echo {1..5} {a..e..2} x{a,b}y
seq 3 | while read n; do echo n=$n; done
