# the MTU of the NIC goes down and up again, macvlans with their own
# group: 7
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
ip -n b link set mvb mtu 1000 #? ok
ip netns exec a ping -q -c 1 -W 1 -s 1400 192.168.0.12 #? ping
ip netns exec b ping -q -c 1 -W 1 -s 1400 192.168.0.11 #? ping
ip netns exec a ping -q -c 1 -W 1 -s 1400 -M do 192.168.0.12 #? ping
ip netns exec b ping -q -c 1 -W 1 -s 1400 -M do 192.168.0.11 #? ping
ip link set p0 mtu 1200 #? ok
ip -n a -j link show mva #? link
ip -n b -j link show mvb #? link
ip -n a link set mva mtu 1201 #? err
ip -n a link set mva mtu 1200 #? ok
ip netns exec a ping -q -c 1 -W 1 -s 1300 192.168.0.1 #? ping
ip link set p0 mtu 1500 #? ok
ip -n a -j link show mva #? link
ip -n a link set mva mtu 1500 #? ok
ip -n a link set mva mtu 67 #? err
ip -n a link set mva mtu 65536 #? err
ip -n a link set mva mtu x #? err
ip link set p0 mtu 9000 #? ok
ip -n a link set mva mtu 9000 #? ok
ip netns exec a ping -q -c 1 -W 1 -s 8000 -M do 192.168.0.1 #? ping
ip -n peer link set p1 mtu 9000 #? ok
ip netns exec a ping -q -c 1 -W 1 -s 8000 -M do 192.168.0.1 #? ping
ip -n a -j -s link show mva #? stats
ip -n b -j -s link show mvb #? stats
ip link set p0 mtu 65535 #? ok
ip link set p0 mtu 65536 #? err
ip link set p0 mtu 60 #? err
