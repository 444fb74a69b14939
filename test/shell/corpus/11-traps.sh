trap 'echo bye $?' EXIT
trap 'echo int' INT
kill -INT $$
echo after
trap - INT
trap
(trap 'echo sub' EXIT; echo insub)
exit 3
