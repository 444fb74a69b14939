# two subnets, secondary addresses, wrong netmask, link local, duplicates
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
ip netns add b
ip netns exec b sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mvb address 02:00:00:00:00:0b type macvlan mode bridge
ip link set mvb netns b
ip -n b addr add 192.168.0.12/24 dev mvb
ip -n b link set mvb up
ip -n a addr add 10.5.0.1/24 dev mva
ip -n b addr add 10.5.0.2/24 dev mvb
ip netns exec a ping -c 1 -W 1 10.5.0.2 #? ping
ip netns exec a ping -c 1 -W 1 -I 192.168.0.11 10.5.0.2 #? ping
ip -n a addr add 192.168.0.111/24 dev mva
ip -n a addr add 192.168.0.112/32 dev mva
ip -n a -j addr show mva #? addr
ip -n a addr add 192.168.0.11/24 dev mva #? err
ip -n a addr add 192.168.0.11/16 dev mva #? err
ip -n a -j addr show mva #? addr
ip -n a -j route #? route
ip -n a addr del 192.168.0.11/24 dev mva
ip -n a -j addr show mva #? addr
ip netns exec a ping -c 1 -W 1 192.168.0.12 #? ping
ip netns exec a sysctl -qw net.ipv4.conf.mva.promote_secondaries=1
ip -n a addr flush dev mva
ip -n a addr add 192.168.0.130/25 dev mva
ip netns exec a ping -c 1 -W 1 192.168.0.12 #? ping wrong netmask: no route
ip netns exec b ping -c 1 -W 1 192.168.0.130 #? ping one way only
ip -n a addr flush dev mva
ip -n a addr add 192.168.0.11/16 dev mva
ip netns exec a ping -c 1 -W 1 192.168.0.12 #? ping too wide
ip netns exec a ping -c 1 -W 4 192.168.7.12 #? ping too wide
ip -n a addr flush dev mva
ip -n a addr add 169.254.3.4/16 dev mva scope link
ip -n b addr add 169.254.3.5/16 dev mvb scope link
ip netns exec a ping -c 1 -W 1 169.254.3.5 #? ping link local
ip netns exec a ping -c 1 -W 1 192.168.0.12 #? ping
ip -n a -j route #? route
ip -n a route add default dev mva
ip netns exec a ping -c 1 -W 1 192.168.0.12 #? ping
ip -n a -j route get 192.168.0.12 #? route
ip -n a addr flush dev mva
ip -n a addr add 192.168.0.12/24 dev mva
ip netns exec a ping -c 1 -W 1 192.168.0.1 #? ping duplicate IP
ip netns exec b ping -c 1 -W 1 192.168.0.1 #? ping duplicate IP
ip netns exec a ping -c 1 -W 1 192.168.0.12 #? ping self, lo down
ip -n a addr flush dev mva
ip -n a addr add 192.168.0.11 dev mva
ip -n a -j addr show mva #? addr
ip netns exec a ping -c 1 -W 1 192.168.0.12 #? ping /32 by omission
ip -n a addr add 192.168.0.11/24 brd + dev mva
ip -n a -j addr show mva #? addr
ip -n a addr add 192.168.0.0/24 dev mva #? err
ip -n a addr add 192.168.0.255/24 dev mva #? err
ip -n a addr add 224.0.0.5/24 dev mva #? err
ip -n a addr add 0.0.0.0/24 dev mva #? err
ip -n a addr add 127.0.0.1/8 dev mva #? err
ip -n a addr add 10.0.0.1/31 dev mva
ip -n b addr add 10.0.0.0/31 dev mvb
ip netns exec a ping -c 1 -W 1 10.0.0.0 #? ping /31
ip -n a addr add 10.0.1.1 peer 10.0.1.2/32 dev mva
ip -n b addr add 10.0.1.2 peer 10.0.1.1/32 dev mvb
ip netns exec a ping -c 1 -W 1 10.0.1.2 #? ping peer
ip -n a -j addr show mva #? addr
ip -n a -j route #? route
