echo hello; echo -n a; echo -e 'b\tc'; printf '%s-%d\n' x 5; printf '%-10s|%5.2f|\n' ab 3.14159
echo "a  b" 'c $x' \$y "q\"q"
