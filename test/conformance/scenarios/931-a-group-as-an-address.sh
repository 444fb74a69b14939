# ip addr add of a multicast group with autojoin: who hears it, and that its owner reaches nobody
# group: 9
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
# wire: p0 is the NIC of this host, p1 the NIC of the machine at the other end of the cable (netns peer)
ip netns add peer
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01 netns peer
ip -n peer addr add 192.168.0.1/24 dev p1
ip -n peer link set p1 up
ip link set p0 up
ip addr add 192.168.0.10/24 dev p0
ip netns add a
ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mva address 02:00:00:00:00:0a type macvlan mode vepa
ip link set mva netns a
ip -n a addr add 192.168.0.11/24 dev mva
ip -n a link set mva up
ip -n a link set lo up
for n in a peer; do ip netns exec $n sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0; done
sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
ip -n a addr add 239.1.1.1/32 dev mva autojoin #? ok
ip addr add 239.1.1.2/32 dev p0 autojoin #? ok
ip -n a maddr show dev mva #? text
ip -n a route show table local type local #? text
ip netns exec peer ping -c 2 -i 0.3 -W 1 -I p1 239.1.1.1 #? ping
ip netns exec peer ping -c 2 -i 0.3 -W 1 -I p1 239.1.1.2 #? ping
ip netns exec peer ping -c 2 -i 0.3 -W 1 -I p1 239.1.1.3 #? ping nobody joined
ping -q -c 2 -i 0.3 -W 1 -I p0 239.1.1.2 #? ping its own: routed to lo, which does not listen
ip netns exec a ping -q -c 2 -i 0.3 -W 1 -I mva 239.1.1.1 #? ping
ping -q -c 2 -i 0.3 -W 1 -I lo 224.0.0.1 #? ping
ping -q -c 1 -W 1 -I lo 239.1.1.9 #? ping
ip -n a addr del 239.1.1.1/32 dev mva #? ok
ip netns exec peer ping -q -c 2 -i 0.3 -W 1 -I p1 239.1.1.1 #? ping
ip -n a maddr show dev mva #? text
