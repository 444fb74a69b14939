sh -c 'echo $0 $1' a b; bash -c 'echo $0 $#' x y z; sh -c 'exit 5'; echo $?
echo 'echo from stdin; exit 2' | bash; echo $?; bash -s one two <<'E'
echo $1 $2 $#
E
cat > /tmp/ldt.sh <<'E'
echo "script $0 $1"; nosuchx; return 2>/dev/null; exit 4
E
bash /tmp/ldt.sh arg; echo $?; sh -c 'nosuchy'; bash -c 'nosuchz'; chmod +x /tmp/ldt.sh; /tmp/ldt.sh q; rm /tmp/ldt.sh; export V=1; bash -c 'echo $V'; W=2 bash -c 'echo $W'; bash -c 'exit' ; echo $?
