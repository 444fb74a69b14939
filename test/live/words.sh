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
