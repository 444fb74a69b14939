# A port of a bridge is promiscuous, and forgets the addresses that the bridge has: even one that somebody asked it for.
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
t() { echo "\$ $*"; "$@"; ip -d link show i1 | grep -o 'promiscuity [0-9]*' ; ip -d link show w0 2>/dev/null| grep -o 'promiscuity [0-9]*'; bridge fdb show dev i1 | sort; echo; }
ip link add h0 address 02:00:00:00:00:f0 type veth peer name x0 address 02:00:00:00:00:e0
ip link add link h0 name w0 address 02:00:00:00:00:13 type macvlan mode bridge
ip link add i0 address 02:00:00:00:d0:0c type veth peer name i1 address 02:00:00:00:d1:0c
t ip link set i1 up
t ip link add br2 address 02:00:00:00:b0:0b type bridge mcast_snooping 0
t ip link set w0 master br2
t bridge fdb add 02:00:00:00:00:13 dev i1 self
t ip link set i1 master br2
t ip link set i1 nomaster
t bridge fdb add 02:00:00:00:00:14 dev i1 self
t ip link set i1 master br2
t ip link set i1 nomaster
t bridge fdb del 02:00:00:00:00:14 dev i1 self
t bridge fdb del 02:00:00:00:00:13 dev i1 self
