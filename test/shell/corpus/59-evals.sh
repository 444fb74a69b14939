cmd="echo a b"; $cmd; eval "$cmd | tr a-z A-Z"; c=(echo "x y" z); "${c[@]}"; v=foo; eval "$v=bar"; echo $foo; ref=foo; echo ${!ref}; declare -n nr=foo; nr=baz; echo $foo
x='a"b'; eval "y='$x'"; echo "$y"; alias ll='echo alias'; shopt -s expand_aliases
ll one
bash -c 'echo "$0:$1"' n1 n2; bash <<< 'echo from herestring; exit 3'; echo $?; echo 'echo piped $1' | bash -s -- arg; sh -c 'for i in 1 2; do echo $i; done'; FOO=1 bash -c 'echo ${FOO:-unset}'; unset FOO; FOO=2; bash -c 'echo ${FOO:-unset}'; set -a; FOO=3; set +a; bash -c 'echo $FOO'; $(echo echo subst-cmd); `echo echo bt`; "ec"ho joined; \echo esc; command echo cmd; builtin echo blt
