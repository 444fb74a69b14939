x=5; y=$x; z="${x}abc"; echo $x $y $z ${u:-def} ${x:+set} ${#z}
u2=${v:=assigned}; echo $v $u2
f=/a/b/c.tar.gz; echo ${f##*/} ${f%.*} ${f%%.*} ${f#*/} ${f/b/B} ${f//a/A} ${f:2:3} ${f^^} 
echo "${!x}" ; n=x; echo ${!n}; unset x; echo "[$x]"
readonly r=1; r=2; echo after
