# proxy_arp of the host for what is behind another device
# group: 8
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
# wire: p0 is the NIC of this host, p1 the NIC of the machine at the other end of the cable (netns peer)
ip netns add peer
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01 netns peer
ip -n peer addr add 192.168.0.1/24 dev p1
ip -n peer link set p1 up
ip link set p0 up
ip addr add 192.168.0.10/24 dev p0
ip netns add c
ip link add v0 type veth peer name v1 netns c
ip addr add 172.16.0.1/30 dev v0
ip link set v0 up
ip -n c addr add 172.16.0.2/30 dev v1
ip -n c addr add 192.168.0.55/32 dev v1
ip -n c link set v1 up
ip -n c route add default via 172.16.0.1
ip route add 192.168.0.55 dev v0
sysctl -qw net.ipv4.ip_forward=1
ip netns exec peer ping -c 1 -W 1 192.168.0.55 #? ping
sysctl -w net.ipv4.conf.p0.proxy_arp=1 #? text
ip -n peer neigh flush all
sleep 0.5
ip netns exec peer ping -c 2 -i 0.3 -W 2 192.168.0.55 #? ping
ip -n peer -j neigh show 192.168.0.55 #? neigh
ip netns exec peer arping -c 1 -w 2 -I p1 192.168.0.99 #? rc
ip netns exec peer arping -c 1 -w 2 -I p1 192.168.0.10 #? rc
sysctl -w net.ipv4.conf.all.proxy_arp=0 #? text
sysctl net.ipv4.conf.p0.proxy_arp #? text
