# an answer from another address
# group: 11
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
# wire: p0 is the NIC of this host, p1 the NIC of the machine at the other end of the cable (netns peer)
ip netns add peer
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
ip -n a link set lo up
ip -n b link set lo up
ip -n peer link set lo up
ip -n b addr add 10.9.9.9/32 dev mvb
ip -n a route add 10.9.9.9/32 dev mva
ip netns exec a ping -c 2 -i 0.2 10.9.9.9 #? ping
ip -n b addr add 192.168.0.22/24 dev mvb
ip netns exec a ping -c 1 192.168.0.22 #? ping secondary
ip -n b addr del 192.168.0.12/24 dev mvb
ip netns exec a ping -c 1 -W 1 192.168.0.22 #? ping secondary went too
ip -n b -j addr show dev mvb #? addr
ip netns exec a ping -c 1 -W 1 192.168.0.0 #? ping
ip netns exec a ping -b -c 1 -W 1 192.168.0.0 #? ping
