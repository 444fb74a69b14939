s="Hello, World"; echo "${s,,}" "${s^^}" "${s:7}" "${s: -5}" "${s/o/0}" "${s//[aeiou]/_}" "${#s}"
p=/sys/class/net/eth0; echo "${p##*/}" "${p%/*}"; v=; echo "${v:-d}" "${v-x}" "${v:+y}" "${w+z}"
a=$'tab\there\nnl'; echo "$a"; printf '%s|' one "two three"; echo; printf '%3d|%-3d|%03d\n' 7 7 7
x="a b c"; set -- $x; echo $# "$3"; y='$HOME'; echo "$y" '$y' "\$y"; echo "a"'b'"c"$x
printf '%b\n' 'x\ty'; echo -e "1\n2" | wc -l; IFS=. read -r a b c d <<< 192.168.0.10; echo "$a-$d"; ip=10.0.0.1/24; echo ${ip%/*} ${ip#*/}
