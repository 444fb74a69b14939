f() { cat; }; f <<A; f <<'B'
one $((1+1))
A
two $((1+1))
B
cat > /tmp/ldh.$$ <<EOF
key=$(echo val)
path=\$PATH
EOF
cat /tmp/ldh.$$; rm /tmp/ldh.$$
while IFS='|' read -r n m; do [ -z "$n" ] && continue; echo "n=$n m=$m"; done <<T
a|1

b|2
T
cat <<X | sed 's/^/  /' ; echo after
in pipe
X
if true; then cat <<Y
indented body
Y
fi
awk -v x=3 'NR>1 {print $1 * x}' <<Z
h
4
5
Z
