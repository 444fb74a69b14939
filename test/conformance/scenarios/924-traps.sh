# small things that are easily wrong: MTUs, down siblings, own MAC, shared addresses
# group: 9
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
ip -n b link set mvb mtu 1000
ip netns exec a ping -q -c 1 -W 1 -s 1400 192.168.0.12 #? ping local unicast ignores the MTU of the receiver
ip netns exec a ping -q -b -c 1 -W 1 -s 1200 192.168.0.255 #? ping a broadcast does not
sleep 0.2
ip -n b -j -s link show mvb #? stats
ip -n b link set mvb down
ip netns exec a ping -q -c 1 -W 1 192.168.0.12 #? ping
ip -j -s link show p0 #? stats
ip -n a -j -s link show mva #? stats
ip -n b link set mvb mtu 1500
ip -n b link set mvb up
ip netns exec a ping -q -c 2 -i 0.2 -W 1 192.168.0.12 #? ping
ip -n a neigh replace 192.168.0.50 lladdr 02:00:00:00:00:0a dev mva
ip netns exec a ping -q -c 1 -W 1 192.168.0.50 #? ping to its own MAC
ip -n a -j -s link show mva #? stats
ip -n a neigh replace 192.168.0.51 lladdr 02:00:00:00:00:f0 dev mva
ip netns exec a ping -q -c 1 -W 1 192.168.0.51 #? ping to the NIC's MAC
ip -n peer neigh replace 192.168.0.11 lladdr 02:00:00:00:00:0b dev p1
ip netns exec peer ping -q -c 1 -W 1 192.168.0.11 #? ping to the MAC of another
ip -n b -j -s link show mvb #? stats
ip link set p0 address 02:00:00:00:00:0a
ip addr add 192.168.0.10/24 dev p0
ip -n peer neigh flush all
ip -n peer neigh del 192.168.0.11 dev p1
ip netns exec peer ping -q -c 1 -W 1 192.168.0.11 #? ping a macvlan with the NIC's MAC
ip netns exec peer ping -q -c 1 -W 1 192.168.0.10 #? ping the NIC lost it
ip -n a link set mva down
ip -n a link set mva up #? err
ip netns exec peer ping -q -c 1 -W 1 192.168.0.10 #? ping
