set -x
echo a "b c" 'd$e'
x=5
y="a b"
[ $x = 5 ] && echo yes
for i in 1 2; do echo $i; done
f() { echo in; }; f arg
set +x
echo off
