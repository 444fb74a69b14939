total=0
for i in $(seq 1 20); do
  if (( i % 15 == 0 )); then echo FizzBuzz
  elif (( i % 5 == 0 )); then echo Buzz
  elif (( i % 3 == 0 )); then echo Fizz
  else echo $i; fi
  total=$((total + i))
done
echo "total: $total"
max() { local m=$1; shift; for n; do (( n > m )) && m=$n; done; echo $m; }
max 3 9 2
printf '%s\n' "$(max 1 2)" | sed 's/^/max=/' 
