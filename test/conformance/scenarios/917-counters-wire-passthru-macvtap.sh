# counters of passthru and macvtap against the NIC, unknown unicast and broadcast
# group: 9
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
# wire: p0 is the NIC of this host, p1 the NIC of the machine at the other end of the cable (netns peer)
ip netns add peer
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01 netns peer
ip -n peer addr add 192.168.0.1/24 dev p1
ip -n peer link set p1 up
ip link set p0 up
ip link add link p0 name t1 address 02:00:00:00:00:1a type macvtap mode vepa
ip link set t1 up
ip addr add 192.168.0.20/24 dev t1
ping -q -c 2 -i 0.2 -W 1 192.168.0.1 #? ping
ip -j -s link show t1 #? stats
ip -j -s link show p0 #? stats
ip netns exec peer ping -q -b -c 3 -i 0.2 -W 1 192.168.0.255 #? ping
sleep 0.3
ip -j -s link show t1 #? stats
ip -j -s link show p0 #? stats
ip link del t1
ip link add link p0 name m1 type macvlan mode passthru
ip link set m1 up
ip addr add 192.168.0.21/24 dev m1
ip -n peer neigh add 192.168.0.77 lladdr 02:00:00:00:00:77 dev p1
ip netns exec peer ping -q -c 2 -i 0.2 -W 1 192.168.0.77 #? ping
ip -j -s link show m1 #? stats
ip -j -s link show p0 #? stats
ip neigh add 192.168.0.1 lladdr 02:00:00:00:00:01 dev m1
ip netns exec peer ping -q -c 2 -i 0.2 -W 1 192.168.0.21 #? ping
ip -j -s link show m1 #? stats
ip -s -s link show m1 | grep -c errors #? text
ping -q -c 1 -W 1 -s 4000 192.168.0.1 #? ping
ip -j -s link show m1 #? stats
ip -n peer -j -s link show p1 #? stats
