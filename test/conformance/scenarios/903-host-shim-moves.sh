# the host and its shim: made, moved away, another mode, deleted
# group: 3
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
ip addr add 192.168.0.10/24 dev p0
ping -c 1 -W 1 192.168.0.11 #? ping
ip link add shim link p0 address 02:00:00:00:00:0c type macvlan mode bridge
ip addr add 192.168.0.20/32 dev shim
ip link set shim up
ip route add 192.168.0.11/32 dev shim #? ok
ping -c 1 -W 1 192.168.0.11 #? ping
ip route get 192.168.0.11 #? text
ip netns exec a ping -c 1 -W 1 192.168.0.20 #? ping
ip netns exec a ping -c 1 -W 1 192.168.0.10 #? ping
ip link set shim type macvlan mode vepa
ip neigh flush all
ping -c 1 -W 1 192.168.0.11 #? ping
ip link set shim type macvlan mode bridge
ip link set shim down
ip -j route #? route
ping -c 1 -W 1 192.168.0.11 #? ping
ip link set shim up
ip -j route #? route
ip route add 192.168.0.11/32 dev shim
ping -c 1 -W 1 192.168.0.11 #? ping
ip link del shim
ip -j route #? route
ip -j addr #? addr
