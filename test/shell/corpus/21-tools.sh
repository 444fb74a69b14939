printf 'a 1\nb 2\nc 3\n' > /tmp/ldt.$$; awk '{s+=$2} END {print s}' /tmp/ldt.$$; awk '$2>1{print $1}' /tmp/ldt.$$
grep -c b /tmp/ldt.$$; grep -v a /tmp/ldt.$$; grep -q zzz /tmp/ldt.$$ || echo none; sed -n 2p /tmp/ldt.$$; sed 's/\([a-z]\) \([0-9]\)/\2 \1/' /tmp/ldt.$$
cut -d' ' -f2 /tmp/ldt.$$ | paste -sd+; sort -r /tmp/ldt.$$; tail -1 /tmp/ldt.$$; wc -l < /tmp/ldt.$$; head -c 3 /tmp/ldt.$$; echo
cat /tmp/ldt.$$ | tr -d '0-9 ' | tr '\n' ','; echo; echo a b c | xargs -n1 echo item; seq 1 3 | xargs; rm /tmp/ldt.$$
echo "64 bytes from 1.2.3.4: icmp_seq=1 ttl=64 time=0.05 ms" | grep -oE 'time=[0-9.]+' ; echo '{"a":[1,2]}' | jq -c .a; basename /a/b.txt .txt; dirname /a/b
expr 3 + 4; echo abc | sed -E 's/(a)(b)/\2\1/'; printf '3\n1\n2\n' | sort -n | uniq | tac; awk 'BEGIN{printf "%.2f\n", 10/3}'; echo a:b | awk -F: '{print $2}' 
