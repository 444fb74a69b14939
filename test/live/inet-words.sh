# Addresses, routes, neighbours, groups: made, changed, refused, shown.
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
t() { echo "\$ $*"; "$@"; echo "rc=$?"; }
ip link set lo up; ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:f1
ip netns add peer; ip link set p1 netns peer; ip -n peer link set p1 up; ip -n peer addr add 10.0.0.254/24 dev p1
ip link set p0 up
ip link add link p0 name m0 address 02:00:00:00:00:01 type macvlan mode bridge; ip link set m0 up
ip link add link p0 name m1 address 02:00:00:00:00:02 type macvlan mode bridge; ip link set m1 up
t ip addr add 10.0.0.1/24 dev m0
t ip addr add 10.0.0.1/24 dev m0
t ip addr add 10.0.0.1/25 dev m0
t ip addr add 10.0.0.2 dev m0
t ip addr add 10.0.0.3/24 brd + dev m0 label m0:x
t ip addr add 10.0.0.4/24 brd 10.0.0.9 scope link dev m0
t ip addr add 10.0.0.5/24 dev m0 metric 300
t ip addr add 224.0.0.5/24 dev m0
t ip addr add 0.0.0.0/24 dev m0
t ip addr add 127.0.0.5/8 dev m0
t ip addr add 10.0.0.6/33 dev m0
t ip addr add 10.0.0/24 dev m0
t ip addr add 10.0.0.6/24 dev nope
t ip addr add 10.0.0.6/24
t ip addr add dev m0
t ip addr add 10.0.0.7/24 peer 10.0.0.8/24 dev m0
t ip addr add 10.0.0.9/24 dev m0 valid_lft 100 preferred_lft 200
t ip addr add 10.0.0.9/24 dev m0 valid_lft 0
t ip addr add 10.0.0.9/24 dev m0 valid_lft 1000 preferred_lft 500
t ip addr add 10.0.0.10/24 dev m0 label x
t ip addr change 10.0.0.9/24 dev m0 valid_lft forever preferred_lft 0
t ip addr replace 10.0.0.11/24 dev m0
t ip addr show m0
t ip -br addr
t ip -4 -o addr
t ip addr show to 10.0.0.0/29
t ip addr show label 'm0:*'
t ip addr show scope link
t ip addr show up dev m0 primary
t ip addr show secondary
t ip addr show deprecated
t ip addr show permanent dynamic
t ip addr show nope
t ip route
t ip route show table all
t ip addr del 10.0.0.1/24 dev m0
t ip addr show m0
t ip addr del 10.0.0.1/24 dev m0
t ip addr del 10.9.9.9/24 dev m0
t ip addr del 10.0.0.3 dev m0
t ip addr flush dev m0 label 'm0:x'
t ip addr flush dev m0 scope link
t ip addr flush
t ip addr flush dev m0
t ip route
t ip addr add 10.0.0.1/24 dev m0
t ip addr add 10.0.0.2/24 dev m1
t ip route
t ip route get 10.0.0.254
t ip route get 10.0.0.254 oif m1
t ip route get 10.0.0.2
t ip route get 10.0.0.2 from 10.0.0.1
t ip route get 1.1.1.1
t ip route add default via 10.0.0.254
t ip route add default via 10.0.0.253
t ip route add default via 10.0.0.253 metric 5
t ip route append default via 10.0.0.252
t ip route prepend default via 10.0.0.251
t ip route change default via 10.0.0.250
t ip route replace default via 10.0.0.249 dev m1
t ip route
t ip route del default
t ip route del default via 10.0.0.252
t ip route del default dev m1
t ip route
t ip route flush default
t ip route add 1.0.0.0/8 via 11.0.0.1
t ip route add 1.0.0.0/8 via 10.0.0.1
t ip route add 1.0.0.0/8 via 10.0.0.255
t ip route add 1.0.0.1/8 via 10.0.0.254
t ip route add 1.0.0.0/8 dev m0 via 10.0.0.254 onlink
t ip route add 2.0.0.0/8 dev m0 scope host
t ip route add 2.0.0.0/8 dev m0 scope link src 10.0.0.2
t ip route add 3.0.0.0/8 dev m0 src 10.9.0.2
t ip route add 4.0.0.0/8 dev nope
t ip route add 4.0.0.0/8
t ip route add 4.0.0.0/8 dev m0 mtu 700 advmss 500 window 1000 rtt 50ms hoplimit 3 initcwnd 5
t ip route add 5.0.0.0/8 dev m0 mtu lock 700 proto 77 table 5
t ip route add local 6.0.0.0/8 dev lo
t ip route add broadcast 7.0.0.0/8 dev m0
t ip route add multicast 239.0.0.0/8 dev m0
t ip route add throw 8.0.0.0/8
t ip route add nat 9.0.0.0/8 via 10.0.0.1
t ip route show
t ip route show table 5
t ip route show 4.0.0.0/8
t ip -d route show
t ip -j route show
t ip route show match 4.4.4.4
t ip route show root 4.0.0.0/7
t ip route show proto 77 table all
t ip route show type throw
t ip route show dev m1
t ip route show via 10.0.0.254
t ip route show src 10.0.0.2
t ip route get 6.1.1.1
t ip route get 7.1.1.1
t ip route get 8.1.1.1
t ip route get 239.1.1.1
t ip route get fibmatch 4.4.4.4
t ip -j route get 4.4.4.4
t ip route get 4.4.4.4 iif m0
t ip route get to 4.4.4.4 from 10.0.0.77 iif p0
t ip neigh add 10.0.0.50 lladdr 02:00:00:00:00:50 dev m0
t ip neigh add 10.0.0.50 lladdr 02:00:00:00:00:51 dev m0
t ip neigh replace 10.0.0.50 lladdr 02:00:00:00:00:51 dev m0 nud reachable
t ip neigh change 10.0.0.51 lladdr 02:00:00:00:00:51 dev m0
t ip neigh add 10.0.0.52 dev m0
t ip neigh add 10.0.0.52 dev m0 nud noarp
t ip neigh add 10.0.0.53 lladdr 02:00:00:00:00:53 dev m0 nud stale router
t ip neigh add 10.0.0.54 lladdr zz dev m0
t ip neigh add 10.0.0.54 lladdr 02:00:00:00:00:54
t ip neigh add proxy 10.0.0.60 dev m1
t ip neigh add proxy 10.0.0.61
t ip neigh show proxy
t ip neigh show nud stale
t ip neigh show to 10.0.0.50
t ip -s neigh show to 10.0.0.50
t ip neigh get 10.0.0.50 dev m0
t ip neigh get 10.0.0.99 dev m0
t ip neigh del 10.0.0.50 dev m0
t ip neigh del 10.0.0.50 dev m0
t ip neigh del proxy 10.0.0.60 dev m1
t ip neigh flush dev m0
t ip neigh flush all
t ip maddr show dev m0
t ip maddr add 33:33:00:00:00:77 dev m0
t ip maddr show dev m0
t ip maddr show dev p0
t ip maddr del 33:33:00:00:00:77 dev m0
t ip maddr del 33:33:00:00:00:77 dev m0
t bridge fdb show dev p0
t bridge fdb add 02:00:00:00:00:99 dev p0
t bridge fdb show dev p0
t bridge fdb del 02:00:00:00:00:99 dev p0
t bridge fdb add 02:00:00:00:00:99 dev m0 self
t bridge fdb show
t bridge link
t bridge link set dev p0 hwmode vepa
ip link add t0 address 02:00:00:00:00:d0 type veth peer name t1
sysctl -qw net.ipv6.conf.t0.router_solicitations=-1
ip token set ::5 dev t0
ip token get dev t0
ip token set ::1:2:3:4 dev t0
ip -j token get dev t0
sysctl -qw net.ipv6.conf.t0.forwarding=1
ip token set ::5 dev t0
sysctl -qw net.ipv6.conf.t0.forwarding=0
ip token del dev t0
ip token list dev t0
ip link del t0
