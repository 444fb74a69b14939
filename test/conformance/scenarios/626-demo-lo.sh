# lo up and down
# group: 1
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
ip -n a -j addr show lo #? addr
ip netns exec a ping -c 1 -W 1 192.168.0.11 #? ping own address, lo down
ip netns exec a ping -c 1 -W 1 127.0.0.1 #? ping
ip -n a link set lo up
ip -n a -j addr show lo #? addr
ip netns exec a ping -c 1 -W 1 192.168.0.11 #? ping
ip netns exec a ping -c 1 -W 1 127.0.0.1 #? ping
ip -n a route show table local #? text
ip -n a link set lo down
ip netns exec a ping -c 1 -W 1 127.0.0.1 #? ping
ip netns exec a ping -c 1 -W 1 192.168.0.11 #? ping
ip -n a addr add 10.10.10.10/32 dev lo
ip -n a link set lo up
ip -n peer route add 10.10.10.10 via 192.168.0.11
ip netns exec peer ping -c 1 -W 1 10.10.10.10 #? ping address on lo
ip -n a link set lo down
ip netns exec peer ping -c 1 -W 1 10.10.10.10 #? ping address on lo, down
ip -n a -j addr show lo #? addr
ip link del lo #? err
ip -n a link set lo name foo #? err
ip -n a link set lo netns peer #? err
