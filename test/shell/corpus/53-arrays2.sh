declare -a a=("one two" three); a[5]=six; for i in "${!a[@]}"; do echo "$i=${a[i]}"; done; echo "${#a[@]}" "${a[@]: -1}"
b=("${a[@]}"); echo ${#b[@]}; unset 'b[0]'; echo "${b[@]}"; c=($(seq 1 3)); echo ${c[*]} $((c[0]+c[2])); f() { local -a l=("$@"); echo "${#l[@]} ${l[0]}"; }; f "${a[@]}"
declare -A ip=([eth0]=10.0.0.1 [eth1]=10.0.0.2); for k in eth0 eth1; do echo "$k ${ip[$k]}"; done; [[ -v ip[eth0] ]] && echo has; [[ -v ip[x] ]] || echo hasnot
printf '%s\n' "${c[@]/#/n}"; printf '<%s>' "${a[@]:0:2}"; echo; d=(); echo "${#d[@]}" "${d[@]}"; d+=(x y); echo "${d[@]}"; readarray -t lines <<< $'l1\nl2'; echo "${lines[1]}"
