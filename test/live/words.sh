# Words and numbers that are seldom written, and what they change: lifetimes and metrics of addresses, numbers in C's spelling.
ip link set lo up
sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0
ip link add p0 index 20 address 02:00:00:00:00:f0 type veth peer name p1 index 21 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add link p0 name m1 index 30 address 02:00:00:00:00:0a type macvlan mode bridge
ip link set m1 up
for d in p0 m1; do until ip -6 route show dev $d | grep -q fe80; do sleep 0.1; done; done
t() { echo "\$ $*"; "$@"; echo "rc=$?"; }
# Another lifetime for an IPv6 address: its prefix is out of reach at once, until the address is permanent again.
ago() { ip -6 route show fd03::/64 | sed -E 's/-[0-9]+sec|[0-9]+sec/Nsec/'; }
t ip addr add fd03::1/64 dev p0
t ip addr change fd03::1/64 dev p0 valid_lft 3000 preferred_lft 1000
ip -6 route show fd03::/64 | sed -E 's/-[0-9]+sec/long ago/'
t ip -6 route get fd03::5
t ip addr change fd03::1/64 dev p0 valid_lft 5000 preferred_lft 1000
ago
t ip -6 route get fd03::5
t ip addr change fd03::1/64 dev p0
t ip -6 route show fd03::/64
t ip addr change fd03::1/64 dev p0 valid_lft 3000 preferred_lft 1000 metric 77
ago
t ip -6 route get fd03::5
# The metric of an IPv4 address is its prefix's.
t ip addr add 10.4.0.1/24 dev m1 metric 4294967295
t ip addr change 10.4.0.1/24 dev m1 metric 55
t ip route show dev m1
t ip addr change 10.4.0.1/24 dev m1
t ip route show dev m1
t ip addr change 10.4.0.1/24 dev m1 metric 5 noprefixroute
t ip route show table all dev m1
# Numbers as strtoul() reads them.
t ip link set m1 type macvlan bcqueuelen " 7"
t ip link set m1 type macvlan bcqueuelen +8
t ip link set m1 type macvlan bcqueuelen 010
t ip link set m1 mtu 0x400
t ip link set m1 mtu 08
t ip addr add 10.5.0.1/08 dev m1
t ip addr add 10.5.0.1/+8 dev m1
ip -d link show m1 | grep -o 'mtu [0-9]*\|bcqueuelen.* addr'
# What sysfs takes.
w() { echo "$2" 2> /dev/null > /sys/class/net/m1/$1; echo "$1 $2: rc=$? $(cat /sys/class/net/m1/$1)"; }
w netdev_group 7
w netdev_group 0x10
w flags 0x1103
w flags 0x1002
w flags 0x1003
w flags x
w proto_down 1
w proto_down 0
w carrier 0
w mtu 02000
w mtu " 1100"
w mtu 9000
w tx_queue_len 4294967296
w tx_queue_len 99999999999999999999
w tx_queue_len +5
echo 1 2> /dev/null > /sys/class/net/p0/proto_down; echo "rc=$?"
cat /sys/class/net/m1/lower_p0/address /sys/class/net/p0/upper_m1/lower_p0/ifindex
ip link show m1
# Some lists are in the order of the indices, others in that of birth, and of a pair the peer is born first.
ip link add br0 index 7 address 02:00:00:00:00:b0 type bridge
ip link add q0 index 31 address 02:00:00:00:00:e0 type veth peer name q1 index 6 address 02:00:00:00:00:e1
for d in br0 q0 q1; do ip link set $d up; done
for d in q0 m1; do ip link set $d master br0; done
t tc qdisc
t bridge link show | sed 's/:.*//'
cat /proc/net/dev_mcast | grep br0
ip -o maddr show | grep br0
ip addr flush m1 > /dev/null
ip addr add 10.0.2.1/32 dev p0
ip addr add 10.0.3.1/32 dev p1
ip route add 10.9.0.0/24 dev q0
t ip route get 10.9.0.1
# Numbers that do not fit.
for n in 0 65535 65536 99999999999999999999 -1 80-79 x; do t ip rule add dport $n table 7; done
t ip rule add sport x table 7
t ip rule add uidrange 4294967297-4294967298 table 7
t ip rule add uidrange 5 table 7
t ip rule add suppress_prefixlength 2147483648 table 7
t ip rule show table 7
t ip route add 10.9.1.0/24 dev q0 rtt 99999999999999999999
t ifconfig m1 txqueuelen -1
t ifconfig m1 txqueuelen 4294967299
t ifconfig m1 mtu -1
t ip link show m1
t ip -rcvbuf x link
t ip -f any link
ip -l 2>&1 | head -2
t tc qdisc add dev m1 root tbf rate 1mbit burst 65536k latency 65536ms
tc qdisc del dev m1 root
t ip addr show p0 -dynamic
t ip netns list-i
t ip netns identify 1 2
# A file of settings, named after letters that are put together, or given on standard input.
echo net.ipv4.ip_forward=1 > settings
t sysctl -qp settings
t sysctl -n net.ipv4.ip_forward
echo net.ipv4.ip_forward=0 | sysctl -p -
t sysctl -ep settings
# A table of IPv6 begins with the rule that asks it, one of IPv4 with its first route.
ip netns add x
t ip -6 route show table 77
t ip -6 route flush table 77
t ip -6 rule add from fd00::/64 table 77
t ip -6 route show table 77
t ip -6 rule add from fd01::/64 blackhole table 78
t ip -6 route show table 78
t ip rule add from 10.0.0.1 table 77
t ip route show table 77
# Rules that differ in their protocol alone, and names that no device can have.
t ip rule add table 7 pref 9
t ip rule add not table 7 pref 9
t ip rule add table 7 pref 9 protocol static
for n in "" abcdefghijklmnop a/b "a b"; do t ip rule add iif "$n" table 7; t ip rule add oif "$n" table 7; done
ip rule del pref 9; ip rule del pref 9
# Realms of routes and rules, marks, and what does not fit a route.
ip addr add 10.6.0.1/24 dev m1
ip route add 10.7.1.0/24 dev m1 realms 5
ip route add 10.7.2.0/24 via 10.6.0.2 realms 5/6
t ip route get 10.7.1.1
t ip -j route get 10.7.2.1
ip rule add to 10.7.1.0/24 realms 8/9 table main
t ip route get 10.7.1.1
for n in 0x10 4294967296 x; do t ip route get 10.7.1.1 mark $n; done
t ip route get 10.7.2.2 notify
t ip route add 10.7.3.0/24 dev m1 advmss 70000
t ip route show 10.7.3.0/24
# The unspecified address is a neighbour of its family.
t ip -6 neigh add :: lladdr 02:00:00:00:00:05 dev q0
t ip neigh show :: dev q0
t ip -6 neigh del :: dev q0
# What the name of a namespace may be, for whoever works in it and for whoever enters it.
for n in x ./x x/ . ""; do t ip -n "$n" link show lo; t ip netns exec "$n" true; done
t bridge -n "" link
t tc -n . qdisc
t ip netns del ./x
# Settings that take any number.
for n in 5 -3 0; do t sysctl -w net.ipv4.ip_forward=$n; sysctl -n net.ipv4.ip_forward net.ipv4.conf.m1.forwarding net.ipv4.conf.all.accept_redirects; done
t sysctl -w net.ipv4.neigh.m1.delay_first_probe_time=-7
t sysctl -w net.ipv4.neigh.m1.locktime=-7
sysctl -n net.ipv4.neigh.m1.delay_first_probe_time net.ipv4.neigh.m1.locktime
t sysctl -w net.ipv4.neigh.m1.app_solicit=-1
t sysctl -w net.ipv4.neigh.m1.interval_probe_time_ms=0
ip netns exec x ls /proc/sys/net/ipv4/neigh
t ip netns exec x sysctl net.core.netdev_budget
