a() {
  if [ "$1" = x ]; then
    nosuch_a
  fi
}
a x
b=$(
  echo one
  true
)
echo $b
for i in 1 2; do
  nosuch_c
done
cat <<E
$(nosuch_d)
E
[[ a == b ]] ||
  nosuch_e
