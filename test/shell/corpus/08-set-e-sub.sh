set -e
(echo a; false; echo b) || true
x=$(echo q; false; echo r); echo "x=$x"
echo end
y=$(false)
echo never
