# arping that announces and that looks for duplicates, between macvlans
# group: 8
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
# wire: p0 is the NIC of this host, p1 the NIC of the machine at the other end of the cable (netns peer)
ip netns add peer
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01 netns peer
ip -n peer addr add 192.168.0.1/24 dev p1
ip -n peer link set p1 up
ip link set p0 up
ip netns add a
ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mva address 02:00:00:00:00:0a type macvlan mode bridge
ip link set mva netns a
ip -n a addr add 192.168.0.11/24 dev mva
ip -n a link set mva up
ip netns add b
ip netns exec b sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mvb address 02:00:00:00:00:0b type macvlan mode bridge
ip link set mvb netns b
ip -n b addr add 192.168.0.12/24 dev mvb
ip -n b link set mvb up
ip netns exec a arping -q -D -c 1 -w 1 -I mva 192.168.0.12 #? rc
ip netns exec a arping -q -D -c 1 -w 1 -I mva 192.168.0.50 #? rc
ip netns exec a ping -q -c 1 -W 1 192.168.0.1 #? ping
ip -n b addr add 192.168.0.11/24 dev mvb #? ok a duplicate
ip netns exec b arping -q -U -c 1 -I mvb 192.168.0.11 #? rc
sleep 0.2
ip -n peer -j neigh #? neigh
ip netns exec peer ping -q -c 1 -W 1 192.168.0.11 #? ping
ip netns exec a arping -q -A -c 1 -I mva 192.168.0.11 #? rc
sleep 0.2
ip -n peer -j neigh #? neigh
ip netns exec a arping -q -D -c 1 -w 1 -I mva 192.168.0.11 #? rc
ip netns exec a arping -q -c 1 -w 1 -I nosuch 192.168.0.1 #? rc
ip netns exec a arping -q -c 1 -w 1 192.168.0.1 #? rc
ip netns exec a arping -q -c 1 -w 1 -I lo 192.168.0.1 #? rc
ip netns exec a arping -q -c 1 -w 1 -s 192.168.0.99 -I mva 192.168.0.1 #? rc
ip -n peer neigh add 192.168.0.60 lladdr 02:00:00:00:00:60 dev p1 nud permanent #? ok
ip -n peer neigh add 192.168.0.60 lladdr 02:00:00:00:00:61 dev p1 #? err
ip -n peer neigh change 192.168.0.61 lladdr 02:00:00:00:00:61 dev p1 #? err
ip -n peer neigh del 192.168.0.61 dev p1 #? err
ip -n peer neigh replace 192.168.0.60 lladdr 02:00:00:00:00:62 nud reachable dev p1 #? ok
ip -n peer neigh show 192.168.0.60 #? text
ip -n peer neigh add 192.168.0.63 dev p1 #? err
ip -n peer neigh add 192.168.0.63 lladdr zz dev p1 #? err
ip -n peer neigh flush dev p1 #? ok
ip -n peer -j neigh #? neigh
