trap 'echo ERR $?' ERR
false
true
f() { false; }; f
if false; then :; fi
false || true
(exit 4)
echo end
