# macvtap in the demo
# group: 1
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
ip link add link p0 name mt0 address 02:00:00:00:00:20 type macvtap mode bridge
ip addr add 192.168.0.20/24 dev mt0
ip link set mt0 up
ping -c 1 -W 1 192.168.0.11 #? ping
ip netns exec a ping -c 1 -W 1 192.168.0.20 #? ping
ping -c 1 -W 1 192.168.0.1 #? ping
ip -d -j link show mt0 #? link
test -e /sys/class/net/mt0/macvtap && echo yes #? text
ip link set mt0 netns a
ip -n a -j link show mt0 #? link
ip -n a link set mt0 up
ip netns exec a ping -c 1 -W 1 -I mt0 192.168.0.1 #? ping
ip -n a link del mt0
ip -n a -j link #? link
ip link add link p0 name mt1 type macvtap mode vepa
ip link add link p0 name mt2 type macvtap
ip -d -j link show mt2 | grep -o '"mode":"[a-z]*"' #? text
ip link add link p0 name mt3 type macvtap mode passthru #? err
