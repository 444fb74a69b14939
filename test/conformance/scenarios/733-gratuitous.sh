# arp_notify, arp_accept and moved addresses
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
ip netns exec peer ping -c 1 -W 1 192.168.0.11 #? ping
ip -n peer -j neigh #? neigh
ip netns exec b sysctl -qw net.ipv4.conf.mvb.arp_notify=1
ip -n a addr del 192.168.0.11/24 dev mva
ip -n b addr add 192.168.0.11/24 dev mvb
ip -n peer -j neigh #? neigh still the old one
ip -n b link set mvb down
ip -n b link set mvb up
sleep 0.2
ip -n peer -j neigh show 192.168.0.11 #? neigh
ip netns exec peer ping -c 1 -W 1 192.168.0.11 #? ping
ip -n b link set mvb address 02:00:00:00:00:bb
sleep 0.2
ip -n peer -j neigh show 192.168.0.11 #? neigh
ip netns exec peer ping -c 1 -W 1 192.168.0.11 #? ping
ip netns exec peer sysctl -qw net.ipv4.conf.p1.arp_accept=1
ip -n peer neigh flush all
ip netns exec b arping -q -U -c 1 -I mvb 192.168.0.12
ip -n peer -j neigh #? neigh
ip netns exec b arping -q -A -c 1 -I mvb 192.168.0.11
ip -n peer -j neigh #? neigh
