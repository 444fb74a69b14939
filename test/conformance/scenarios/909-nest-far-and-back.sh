# macvlan on macvlan on macvlan, made in other namespaces
# group: 6
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
# wire: p0 is the NIC of this host, p1 the NIC of the machine at the other end of the cable (netns peer)
ip netns add peer
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01 netns peer
ip -n peer addr add 192.168.0.1/24 dev p1
ip -n peer link set p1 up
ip link set p0 up
ip netns add a
ip netns add b
ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip netns exec b sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name m1 address 02:00:00:00:00:0a netns a type macvlan mode bridge #? ok
ip -n a link set m1 up
ip -n a link add link m1 name m2 address 02:00:00:00:00:0b type macvlan mode bridge #? ok a sibling on the NIC
ip -n a -j -d link show m2 #? link
ip -n a link set m2 netns b #? ok
ip -n b link add link m2 name m3 address 02:00:00:00:00:0c type macvlan mode private #? ok
ip -n b -j -d link show m3 #? link
ip -n a addr add 192.168.0.11/24 dev m1
ip -n b addr add 192.168.0.12/24 dev m2
ip -n b link set m2 up
ip netns exec a ping -c 1 -W 1 192.168.0.12 #? ping
ip netns exec b ping -c 1 -W 1 192.168.0.1 #? ping
ip -n a link del m1 #? ok the others stay
ip netns exec b ping -c 1 -W 1 192.168.0.1 #? ping
ip -j -d link show p0 #? link
ip link set p0 netns a #? ok
ip -n b -j -d link show m2 #? link
ip -n a link set p0 up
sleep 1
ip netns exec b ping -c 1 -W 1 192.168.0.1 #? ping
ip netns del a
sleep 1
ip -n b -j link #? link
