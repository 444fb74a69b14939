a=(x "y z" w); echo ${a[0]} "${a[1]}" ${#a[@]} "${a[@]}"; a+=(q); echo ${a[-1]} ${!a[@]}
for i in "${a[@]}"; do echo "<$i>"; done; unset 'a[1]'; echo "${a[@]}" ${#a[@]}; echo "${a[@]:1:2}"
declare -A m; m[k]=v; m[j]=w; echo ${m[k]} ${#m[@]}; for k in $(echo "${!m[@]}" | tr ' ' '\n' | sort); do echo $k=${m[$k]}; done
IFS=, read -ra p <<< "a,b,c"; echo ${p[2]}; mapfile -t l < <(printf '1\n2\n'); echo ${#l[@]} ${l[1]}
b=("${a[@]/x/X}"); echo ${b[0]}; IFS=:; echo "${a[*]}"
