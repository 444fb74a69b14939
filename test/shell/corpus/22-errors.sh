nosuch
/no/such/file
cd /nope
./notthere
ls /nope; echo $?
cat /nope
[ 1 -eq x ]; echo $?
exit_bad() { return abc; }; exit_bad; echo $?
shift 5; echo $?
unset 1x
export 2x=3
kill 99999
echo end
exit abc
