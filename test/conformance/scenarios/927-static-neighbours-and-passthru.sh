# passthru behind a hairpin switch that also floods, counters of what comes back
# group: 2
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
# wire: p0 is the NIC of this host, p1 the port of an external switch (netns switch, bridge br0);
# the outsider (netns peer, eth0) hangs on a second port of that switch
ip netns add switch
ip netns add peer
ip netns exec switch sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 netns switch
ip -n switch link add h1 type veth peer name eth0 address 02:00:00:00:00:01 netns peer
ip -n switch link add br0 type bridge
ip -n switch link set p1 master br0
ip -n switch link set h1 master br0
ip -n switch link set br0 up
ip -n switch link set p1 up
ip -n switch link set h1 up
ip -n peer addr add 192.168.0.1/24 dev eth0
ip -n peer link set eth0 up
ip link set p0 up
ip netns exec switch bridge link set dev p1 hairpin on
sleep 1
ip netns add a
ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mva type macvlan mode passthru
ip link set mva netns a
ip -n a addr add 192.168.0.11/24 dev mva
ip -n a link set mva up
ip addr add 192.168.0.10/24 dev p0
ip netns exec a ping -q -c 2 -i 0.2 -W 1 192.168.0.1 #? ping
ip netns exec peer ping -q -c 2 -i 0.2 -W 1 192.168.0.11 #? ping
ip netns exec peer ping -q -c 1 -W 1 192.168.0.10 #? ping
ip netns exec a ping -q -c 1 -W 1 192.168.0.10 #? ping
ip netns exec a ping -q -b -c 2 -i 0.2 -W 1 192.168.0.255 #? ping
sleep 0.2
ip -n a -j -s link show mva #? stats
ip -n a link set mva address 02:00:00:00:00:0a #? ok
ip -j link show p0 #? link
ip -n peer neigh flush all
ip netns exec peer ping -q -c 1 -W 1 192.168.0.11 #? ping
ip -n a link del mva
ip -j -d link show p0 #? link
ip -n peer neigh flush all
ip netns exec peer ping -q -c 1 -W 1 192.168.0.10 #? ping
