# a namespace that routes between two macvlans, TTLs, redirects, rp_filter
# group: 11
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
# wire: p0 is the NIC of this host, p1 the NIC of the machine at the other end of the cable (netns peer)
ip netns add peer
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01 netns peer
ip -n peer addr add 192.168.0.1/24 dev p1
ip -n peer link set p1 up
ip link set p0 up
for n in r c d; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
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
ip netns exec c ping -c 1 -W 1 10.2.0.2 #? ping no forwarding yet
ip netns exec c ping -c 1 -W 1 10.2.0.1 #? ping
ip netns exec r sysctl -w net.ipv4.ip_forward=1 #? text
ip netns exec c ping -c 1 -W 1 10.2.0.2 #? ping
ip netns exec c ping -c 1 -W 1 -t 1 10.2.0.2 #? ping
ip netns exec c ping -c 1 -W 1 10.3.0.1 #? ping
ip netns exec c ping -c 1 -W 1 -s 3000 10.2.0.2 #? ping
ip -n r link set r2 mtu 1000 #? ok
ip netns exec c ping -c 1 -W 1 -s 1200 -M do 10.2.0.2 #? ping
ip netns exec c ping -c 1 -W 1 -s 1200 -M do 10.2.0.2 #? ping
ip netns exec c ping -c 1 -W 1 -s 1200 10.2.0.2 #? ping
ip -n r route add blackhole 10.4.0.0/24
ip -n r route add unreachable 10.5.0.0/24
ip -n r route add prohibit 10.6.0.0/24
ip netns exec c ping -c 1 -W 1 10.4.0.1 #? ping
ip netns exec c ping -c 1 -W 1 10.5.0.1 #? ping
ip netns exec c ping -c 1 -W 1 10.6.0.1 #? ping
ip netns exec r ping -c 1 -W 1 10.6.0.1 #? ping
ip -n d route del default
ip -n d route add 10.1.0.2 dev d1
ip netns exec c ping -c 1 -W 1 10.2.0.2 #? ping
ip netns exec r sysctl -w net.ipv4.conf.all.rp_filter=1 #? text
ip -n r -j route #? route
