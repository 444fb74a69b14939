# ARP fails and recovers
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
ip -n a link set lo up
ip -n b link set lo up
ip -n peer link set lo up
(sleep 4.5; ip -n b link set mvb up) &
ip netns exec a ping -c 8 -i 1 -W 1 192.168.0.12 #? ping comes up later
wait
ip -n a -j neigh #? neigh
(sleep 1.5; ip -n b link set mvb up) &
ip netns exec a ping -c 3 -i 1 -W 1 -O 192.168.0.12 #? ping
wait
ip -n b link set mvb down
ip -n a neigh flush all
(sleep 2.3; ip -n b link set mvb up) &
ip netns exec a ping -c 4 -i 0.5 -W 2 192.168.0.12 #? ping the queue holds them
wait
ip netns exec b sysctl -qw net.ipv4.conf.mvb.arp_ignore=8
ip -n a neigh flush all
ip netns exec a ping -c 2 -i 0.5 -W 4 192.168.0.12 #? ping arp ignored
ip netns exec b sysctl -qw net.ipv4.conf.mvb.arp_ignore=0
ip -n a neigh flush all
ip netns exec a ping -c 1 -W 4 192.168.0.12 #? ping
