# Links, addresses, routes and neighbours of every sort that the tools print. Addresses are fixed, so that two alike can be made.
sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
sysctl -qw net.ipv6.conf.all.router_solicitations=0 net.ipv6.conf.default.router_solicitations=0
sysctl -qw net.ipv6.conf.default.addr_gen_mode=1
ip link set lo up
ip netns add a
ip netns add b
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:f1
ip link add q0 address 02:00:00:00:00:e0 type veth peer name q1 address 02:00:00:00:00:e1 netns a
ip link add br0 address 02:00:00:00:00:b0 type bridge
ip link set p1 master br0
ip link set p0 up
ip link set p1 up
ip link set br0 up
ip link set q0 up
ip link add link p0 name m1 address 02:00:00:00:00:0a type macvlan mode bridge
ip link add link p0 name m2 address 02:00:00:00:00:0b type macvlan mode source
ip link add link q0 name m3 address 02:00:00:00:00:0c netns b type macvlan mode private
ip link set m2 type macvlan macaddr set 02:00:00:00:00:33 02:00:00:00:00:32
ip link set m1 up
ip link set m1 alias "a name"
ip link property add dev m1 altname an_alternative_name altname other
ip tuntap add tap0 mode tap
ip link set tap0 address 02:00:00:00:00:aa
ip addr add 10.0.0.1/24 brd + dev p0
ip addr add 10.0.0.2/24 dev p0 label p0:1
ip addr add 10.1.0.1 peer 10.1.0.2/32 dev m1
ip addr add 192.168.5.1/30 dev q0 scope link
ip addr add fd00::1/64 dev p0
ip addr add fe80::1/64 dev p0
ip addr add fd01::1/64 dev q0 valid_lft 100000 preferred_lft forever 2>/dev/null || ip addr add fd01::1/64 dev q0
ip addr add 10.7.0.1/24 dev tap0 noprefixroute
ip route add default via 10.0.0.254
ip route add 10.9.0.0/24 via 10.0.0.253 metric 50 mtu 1400
ip route add 10.9.1.0/24 dev m1 scope link table 77
ip route add blackhole 10.66.0.0/16
ip route add unreachable 10.67.0.0/16 metric 5
ip route add 10.68.0.0/16 nexthop via 10.0.0.250 dev p0 weight 3 nexthop via 192.168.5.2 dev q0
ip route add 10.70.0.0/16 via 10.0.0.9 dev p0 src 10.0.0.2 proto static tos 0x10 onlink
ip -6 route add fd09::/64 via fd00::9 metric 7
ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev p0
ip neigh add 10.0.0.8 lladdr 02:00:00:00:00:08 dev p0 nud stale
ip neigh add 10.0.0.7 lladdr 02:00:00:00:00:07 dev p0 nud noarp
ip neigh add proxy 10.0.0.6 dev p0
ip neigh add fd00::9 lladdr 02:00:00:00:00:09 dev p0 nud permanent router
bridge fdb add 02:00:00:00:00:55 dev p1 master static
bridge fdb add 02:00:00:00:00:56 dev p0 self
