# macvlan on macvlan in a container: a sibling on the host's NIC
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
ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mva address 02:00:00:00:00:0a type macvlan mode bridge
ip link set mva netns a
ip -n a addr add 192.168.0.11/24 dev mva
ip -n a link set mva up
ip netns exec a ip link add link mva name deep address 02:00:00:00:00:dd type macvlan mode bridge #? ok
ip -n a -j -d link show deep #? link
ip -n a link set deep up #? ok
ip -n a addr add 192.168.0.44/24 dev deep
ip netns exec a ping -c 1 -W 1 -I deep 192.168.0.1 #? ping
ip link add link p0 name pt type macvlan mode passthru #? err
ip netns exec a ip link add link mva name deep2 type macvlan mode passthru #? err
ip -n a link add link mva name deep3 mtu 1501 type macvlan #? err
ip -n a link set mva mtu 1400
ip -n a link add link mva name deep3 mtu 1500 address 02:00:00:00:00:de type macvlan #? ok
ip -n a -j link show deep3 #? link
ip -n a link del mva #? ok the sibling stays
ip -n a -j link show deep #? link
ip netns exec a ping -c 1 -W 1 192.168.0.1 #? ping
ip link set p0 down
sleep 1.2
ip -n a -j link show deep #? link
ip link del p0
ip -n a -j link show #? link
