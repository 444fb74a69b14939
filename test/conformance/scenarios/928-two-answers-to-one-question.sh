# two macvlans of one host answer the same ARP request, and the first answer has consequences before the second
# group: 8
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip netns add peer
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01 netns peer
ip -n peer addr add 192.168.0.1/24 dev p1
ip -n peer link set p1 up
ip link set p0 up
ip addr add 192.168.0.10/24 dev p0
ip netns add a
ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name m1 netns a address 02:00:00:00:00:0a type macvlan mode bridge
ip -n a addr add 192.168.0.11/24 dev m1
ip link add link p0 name m2 netns a address 02:00:00:00:00:0b type macvlan mode bridge
ip -n a addr add 192.168.0.12/24 dev m2
ip -n a addr add 10.5.5.5/32 dev m1
ip -n a addr add 192.168.0.21/24 dev m1
ip netns add b
ip netns exec b sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mvb address 02:00:00:00:00:0c type macvlan mode bridge
ip link set mvb netns b
ip -n b addr add 192.168.0.13/24 dev mvb
ip -n b link set mvb up
ip -n a link set m1 up
ip -n a link set m2 up
ip -n a link set lo up
sleep 0.3
ip netns exec peer ping -c 1 -W 1 192.168.0.11 #? ping
ip netns exec peer ping -c 1 -W 1 192.168.0.12 #? ping
ip netns exec peer ping -c 1 -W 1 192.168.0.21 #? ping
ip netns exec b ping -c 1 -W 1 192.168.0.11 #? ping
ip netns exec b ping -c 1 -W 1 192.168.0.12 #? ping
ip netns exec b ping -c 1 -W 1 192.168.0.21 #? ping
ip -n peer -j neigh #? neigh
ip -n b -j neigh #? neigh
ip -n peer route add 10.5.5.5 dev p1
ip -n b route add 10.5.5.5 dev mvb
ip netns exec peer ping -c 1 -W 1 10.5.5.5 #? ping
ip netns exec b ping -c 1 -W 1 10.5.5.5 #? ping
ip -n a neigh flush all
ip -n peer neigh flush all
ip netns exec a ping -c 1 -W 1 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I 192.168.0.12 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I m2 192.168.0.13 #? ping
ip netns exec a ping -c 1 -W 1 -I 10.5.5.5 192.168.0.13 #? ping
ip -n a -j neigh #? neigh
ip -n peer -j neigh #? neigh
ip -n b -j neigh #? neigh
ip -n a link set m1 down
ip netns exec peer ping -c 1 -W 1 192.168.0.11 #? ping
ip netns exec b ping -c 1 -W 1 192.168.0.12 #? ping
ip -n a link set m1 up
sleep 0.2
ip netns exec peer ping -c 1 -W 1 192.168.0.11 #? ping
ip link set p0 down
sleep 1.2
ip link set p0 up
sleep 1.2
ip -n a -j neigh #? neigh
ip netns exec a ping -c 1 -W 1 192.168.0.1 #? ping
ip netns exec b arping -q -U -c 1 -I mvb 192.168.0.13
ip netns exec b arping -q -A -c 1 -I mvb 192.168.0.13
ip -n a -j neigh #? neigh
