# what goes down, is deleted or moved first, and what is left
# group: 7
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
ip link add link p0 name t1 address 02:00:00:00:00:1a type macvtap mode bridge
ip link set t1 up
ip link set p0 down
ip -n a -j link show mva #? link
ip -j link show t1 #? link
ip netns exec a ping -c 1 -W 1 192.168.0.1 #? ping
ip -n a -j route #? route
ip link set p0 up
sleep 1
ip -n a -j link show mva #? link
ip netns exec a ping -c 1 -W 1 192.168.0.1 #? ping
ip -n peer link set p1 down
sleep 1
ip -n a -j link show mva #? link
ip -j link show p0 #? link
ip netns exec a ping -c 1 -W 1 192.168.0.1 #? ping
ip -n peer link set p1 up
sleep 1
ip -n a -j link show mva #? link
ip -n a link set mva down
ip link set p0 down
ip -n a link set mva up #? ok up on a NIC that is down
ip -n a -j link show mva #? link
ip link set p0 up
sleep 1
ip -n a -j link show mva #? link
ip -n a -j route #? route
ip -n a link set mva netns 1
ip netns del a
ip -j link show mva #? link
ip link del t1
ip -j -d link show p0 #? link
ip netns del peer
sleep 0.5
ip -j link #? link
