# default routes
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
ip -n peer addr add 8.8.8.8/32 dev p1
ip netns exec a ping -c 1 -W 1 8.8.8.8 #? ping no default
ip -n a route add default via 192.168.0.1
ip netns exec a ping -c 2 -i 0.2 -W 1 8.8.8.8 #? ping
ip -n a route add default via 192.168.0.2 #? err
ip -n a route add default via 192.168.0.2 metric 100
ip -n a -j route #? route
ip -n a route del default
ip netns exec a ping -c 1 -W 4 8.8.8.8 #? ping gateway is not there
ip -n a route replace default via 192.168.0.12
ip -n a route add default via 10.0.0.1 #? err
ip -n a route add default via 192.168.0.11 #? err
ip netns exec a ping -c 1 -W 4 8.8.8.8 #? ping gateway that does not forward
ip netns exec b sysctl -qw net.ipv4.ip_forward=1
ip netns exec a ping -c 1 -W 4 8.8.8.8 #? ping gateway without route
ip -n b route add default via 192.168.0.1
ip netns exec a ping -c 3 -i 0.4 -W 1 8.8.8.8 #? ping with a redirect
ip -n a -j route get 8.8.8.8 #? route
ip -n a link set mva down
ip -n a -j route #? route
ip -n a link set mva up
ip -n a -j route #? route
ip netns exec a ping -c 1 -W 1 8.8.8.8 #? ping default is gone
ip netns exec a ping -c 1 -W 1 192.168.0.1 #? ping
