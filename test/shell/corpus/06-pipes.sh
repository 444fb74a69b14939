echo abc | tr a-z A-Z | rev; printf 'b\na\nc\n' | sort | head -2
false | true; echo $? ${PIPESTATUS[@]}; set -o pipefail; false | true; echo $?
echo x | { read v; echo "got $v"; }; echo "[$v]"
(echo out; echo err >&2) 2>&1 | sort
! true; echo $?; ! false; echo $?
echo a |& cat
