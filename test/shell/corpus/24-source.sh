cat > /tmp/ldt.src <<'E'
SV=hello; sf() { echo "sf $1"; }; echo args $#; nosuchs
E
. /tmp/ldt.src; echo $SV; sf 1; source /tmp/ldt.src a b; echo $#; . /tmp/nope.src; echo $?; eval 'echo eval $SV; nosuche'; eval "x=5; y=6"; echo $x$y
echo 'return 4; echo never' > /tmp/ldt.src; . /tmp/ldt.src; echo $?; rm /tmp/ldt.src
