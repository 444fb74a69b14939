# arp_ignore and arp_announce on two macvlans of the same host
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
ip link add link p0 name m1 address 02:00:00:00:00:0a type macvlan mode bridge
ip link add link p0 name m2 address 02:00:00:00:00:0b type macvlan mode bridge
ip link set m1 netns a
ip link set m2 netns a
ip -n a addr add 192.168.0.11/24 dev m1
ip -n a addr add 192.168.0.12/24 dev m2
ip -n a addr add 10.5.5.5/32 dev m1
ip -n a link set m1 up
ip -n a link set m2 up
ip netns exec a sysctl -qw net.ipv4.conf.all.arp_ignore=1 #? ok
ip netns exec peer ping -c 1 -W 1 192.168.0.11 #? ping
ip netns exec peer ping -c 1 -W 1 192.168.0.12 #? ping
ip -n peer -j neigh #? neigh
ip -n peer neigh flush all
ip netns exec a sysctl -qw net.ipv4.conf.all.arp_ignore=2
ip -n peer route add 10.5.5.5 dev p1
ip netns exec peer ping -c 1 -W 1 10.5.5.5 #? ping
ip netns exec a sysctl -qw net.ipv4.conf.all.arp_ignore=8
ip netns exec peer ping -c 1 -W 1 192.168.0.11 #? ping
ip netns exec a sysctl -qw net.ipv4.conf.all.arp_ignore=0
ip netns exec a sysctl -qw net.ipv4.conf.m1.arp_ignore=8
ip netns exec a sysctl -qw net.ipv4.conf.m2.arp_ignore=8
sleep 3
ip -n peer neigh flush all
ip netns exec peer ping -c 1 -W 1 192.168.0.12 #? ping
ip netns exec a sysctl -qw net.ipv4.conf.m2.arp_ignore=1
ip -n peer neigh flush all
ip netns exec peer ping -c 1 -W 1 192.168.0.12 #? ping
ip -n peer -j neigh #? neigh
