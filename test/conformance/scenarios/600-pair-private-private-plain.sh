# mode pair: a=private b=private, wire=plain
# group: 2
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
# wire: p0 is the NIC of this host, p1 the NIC of the machine at the other end of the cable (netns peer)
ip netns add peer
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01 netns peer
ip -n peer addr add 192.168.0.1/24 dev p1
ip -n peer link set p1 up
ip link set p0 up
ip addr add 192.168.0.10/24 dev p0
ip netns add a
ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mva address 02:00:00:00:00:0a type macvlan mode private
ip link set mva netns a
ip -n a addr add 192.168.0.11/24 dev mva
ip -n a link set mva up
ip netns add b
ip netns exec b sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mvb address 02:00:00:00:00:0b type macvlan mode private
ip link set mvb netns b
ip -n b addr add 192.168.0.12/24 dev mvb
ip -n b link set mvb up
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
ip netns exec a sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
ip netns exec b sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
ip netns exec peer sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0

# unicast
ip netns exec a ping -c 2 -i 0.2 -W 1 192.168.0.12 #? ping
ip netns exec b ping -c 2 -i 0.2 -W 1 192.168.0.11 #? ping
ip netns exec a ping -c 2 -i 0.2 -W 1 192.168.0.1 #? ping
ip netns exec peer ping -c 2 -i 0.2 -W 1 192.168.0.12 #? ping
ip netns exec a ping -c 2 -i 0.2 -W 1 192.168.0.10 #? ping
ping -c 2 -i 0.2 -W 1 192.168.0.11 #? ping
ip netns exec a ping -b -c 2 -i 0.4 -W 1 192.168.0.255 #? ping
ip netns exec b ping -b -c 2 -i 0.4 -W 1 192.168.0.255 #? ping
ip netns exec peer ping -b -c 2 -i 0.4 -W 1 192.168.0.255 #? ping
ip netns exec a ping -c 2 -i 0.4 -W 1 -I mva 224.0.0.1 #? ping
ip netns exec b ping -c 2 -i 0.4 -W 1 -I mvb 224.0.0.1 #? ping
ip netns exec peer ping -c 2 -i 0.4 -W 1 -I p1 224.0.0.1 #? ping
ip -n a -j neigh #? neigh
ip -n peer -j neigh #? neigh
ip neigh flush all
ip -n b -j neigh #? neigh
