# a router with two macvlans on one NIC: what each of its legs hears, to the byte
# group: 11
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip netns add peer
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01 netns peer
ip -n peer addr add 192.168.0.1/24 dev p1
ip -n peer link set p1 up
ip link set p0 up
ip addr add 192.168.0.10/24 dev p0
ip netns add r
ip netns exec r sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip netns add c
ip netns exec c sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip netns add d
ip netns exec d sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name r1 address 02:00:00:00:00:21 netns r type macvlan mode bridge
ip link add link p0 name r2 address 02:00:00:00:00:22 netns r type macvlan mode bridge
ip link add link p0 name c1 address 02:00:00:00:00:23 netns c type macvlan mode bridge
ip link add link p0 name d1 address 02:00:00:00:00:24 netns d type macvlan mode bridge
ip -n r addr add 10.1.0.1/24 dev r1
ip -n r addr add 10.2.0.1/24 dev r2
ip -n c addr add 10.1.0.2/24 dev c1
ip -n d addr add 10.2.0.2/24 dev d1
for n in r:r1 r:r2 c:c1 d:d1; do ip -n ${n%:*} link set ${n#*:} up; done
ip -n c route add default via 10.1.0.1
ip -n d route add default via 10.2.0.1
ip netns exec r sysctl -qw net.ipv4.ip_forward=1
ip -n peer addr add 10.1.0.9/24 dev p1
ip -n peer route add default via 10.1.0.1
ip netns exec c ping -c 2 -i 0.2 -W 1 10.2.0.2 #? ping
ip netns exec peer ping -c 2 -i 0.2 -W 1 10.2.0.2 #? ping
ip netns exec d ping -c 2 -i 0.2 -W 1 10.1.0.9 #? ping
ip netns exec c ping -c 1 -W 1 -t 1 10.2.0.2 #? ping
ip netns exec c ping -c 1 -W 1 -s 4000 10.2.0.2 #? ping
ip netns exec c ping -q -b -c 1 -W 1 10.2.0.255 #? ping
ip netns exec peer ping -c 2 -i 0.2 -W 1 10.1.0.2 #? ping
ip netns exec peer ping -c 1 -W 1 10.9.9.9 #? ping
ip netns exec c ping -c 2 -i 1 -W 4 10.1.0.77 #? ping
ip netns exec c ping -c 1 -W 4 10.2.0.77 #? ping
ip -n r link set r2 mtu 1000
ip netns exec c ping -c 1 -W 1 -s 1200 -M do 10.2.0.2 #? ping
ip netns exec c ping -c 1 -W 1 -s 1200 10.2.0.2 #? ping
ip -n c -j route get 10.2.0.2 #? route
ip -n r route add 10.3.0.0/24 via 10.1.0.9
ip -n peer addr add 10.3.0.1/24 dev lo
ip -n peer link set lo up
ip netns exec c ping -c 3 -i 0.3 -W 1 10.3.0.1 #? ping
ip -n c -j route get 10.3.0.1 #? route
ip netns exec d ping -c 2 -i 0.2 -W 1 10.3.0.1 #? ping
ip -n r -j neigh #? neigh
sleep 0.3
ip -n r -j -s link show r1 #? stats
ip -n r -j -s link show r2 #? stats
ip -n c -j -s link show c1 #? stats
ip -n d -j -s link show d1 #? stats
ip -j -s link show p0 #? stats
ip -n peer -j -s link show p1 #? stats
