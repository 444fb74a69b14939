x=5
cat <<E
x is $x $(echo sub) \$x
E
cat <<'E'
x is $x $(echo sub)
E
cat <<-E
	tabbed $x
	E
cat <<< "here $x"
while read a b; do echo "$b:$a"; done <<E
1 one
2 two
E
wc -l <<E
a
b
E
