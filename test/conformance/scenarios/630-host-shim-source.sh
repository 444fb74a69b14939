# shim of mode source
# group: 3
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
# wire: p0 is the NIC of this host, p1 the NIC of the machine at the other end of the cable (netns peer)
ip netns add peer
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01 netns peer
ip -n peer addr add 192.168.0.1/24 dev p1
ip -n peer link set p1 up
ip link set p0 up
ip addr add 192.168.0.10/24 dev p0
ip netns add ns1
ip netns exec ns1 sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mvns1 address 02:00:00:00:00:0a type macvlan mode source macaddr set 02:00:00:00:00:01 02:00:00:00:00:0a 02:00:00:00:00:0b 02:00:00:00:00:55
ip link set mvns1 netns ns1
ip -n ns1 addr add 192.168.0.11/24 dev mvns1
ip -n ns1 link set mvns1 up
ping -c 1 -W 1 192.168.0.11 #? ping host to macvlan
ip netns exec ns1 ping -c 1 -W 1 192.168.0.10 #? ping
ip link add shim link p0 address 02:00:00:00:00:55 type macvlan mode source macaddr set 02:00:00:00:00:0a 02:00:00:00:00:01
ip addr add 192.168.0.250/32 dev shim
ip link set shim up
ip route add 192.168.0.11/32 dev shim
ping -c 2 -i 0.2 -W 1 192.168.0.11 #? ping through the shim
ip netns exec ns1 ping -c 2 -i 0.2 -W 1 192.168.0.250 #? ping
ip netns exec ns1 ping -c 2 -i 0.2 -W 1 192.168.0.10 #? ping
ip netns exec peer ping -c 2 -i 0.2 -W 1 192.168.0.250 #? ping
ip -j route #? route
ip -j neigh #? neigh
ip -n ns1 -j neigh #? neigh
ip -n peer -j neigh #? neigh
ip link del shim
ip -j route #? route
ping -c 1 -W 1 192.168.0.11 #? ping shim gone
ip netns exec ns1 ping -c 1 -W 1 192.168.0.250 #? ping
ip addr flush dev p0
ip link add shim link p0 address 02:00:00:00:00:55 type macvlan mode source macaddr set 02:00:00:00:00:0a 02:00:00:00:00:01
ip addr add 192.168.0.10/24 dev shim
ip link set shim up
ping -c 2 -i 0.2 -W 1 192.168.0.11 #? ping NIC without an address
ping -c 2 -i 0.2 -W 1 192.168.0.1 #? ping
ip netns exec ns1 ping -c 2 -i 0.2 -W 1 192.168.0.10 #? ping
ip netns exec peer ping -c 2 -i 0.2 -W 1 192.168.0.10 #? ping
