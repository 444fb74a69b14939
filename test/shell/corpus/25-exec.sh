exec 2>&1; echo err >&2
(exec echo replaced; echo never)
exec > /dev/null; echo gone
exec 2> /dev/null; exec nosuchcmd; echo never
