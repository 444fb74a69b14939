# ip monitor knows a link by the name that it had first, and a namespace by those that were there when it began.
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:f1
ip link set p0 up
ip link set p1 up
ip netns add old
sleep 2
ip -j monitor link address > heard 2>&1 & monitor=$!
listening 1
do_it() { "$@"; sleep 0.2; }
do_it ip link add link p0 name m0 address 02:00:00:00:00:01 type macvlan
do_it ip link set m0 up
do_it ip addr add 10.0.0.1/24 dev m0
do_it ip link set m0 down
do_it ip link set m0 name m1
do_it ip addr add 10.0.1.1/24 dev m1
do_it ip addr del 10.0.1.1/24 dev m1
do_it ip netns add new
do_it ip link set m1 netns new
do_it ip link add link p0 name m2 address 02:00:00:00:00:02 type macvlan
do_it ip link set m2 netns old
drained
kill $monitor
wait $monitor 2> /dev/null
cat heard
