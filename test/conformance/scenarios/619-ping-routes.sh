# unreachable, prohibit, blackhole, throw and no route at the sender
# group: 11
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
ip -n a route add unreachable 10.1.0.0/16
ip -n a route add prohibit 10.2.0.0/16
ip -n a route add blackhole 10.3.0.0/16
ip -n a route add throw 10.4.0.0/16
ip netns exec a ping -c 1 -W 1 10.1.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I 192.168.0.11 10.1.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I mva 10.1.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -q 10.1.0.1 #? ping
ip netns exec a ping -c 1 -W 1 10.2.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I 192.168.0.11 10.2.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I mva 10.2.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -q 10.2.0.1 #? ping
ip netns exec a ping -c 1 -W 1 10.3.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I 192.168.0.11 10.3.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I mva 10.3.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -q 10.3.0.1 #? ping
ip netns exec a ping -c 1 -W 1 10.4.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I 192.168.0.11 10.4.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I mva 10.4.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -q 10.4.0.1 #? ping
ip netns exec a ping -c 1 -W 1 10.5.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I 192.168.0.11 10.5.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I mva 10.5.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -q 10.5.0.1 #? ping
ip -n a link set lo up
ip netns exec a ping -c 2 -i 0.2 -W 1 10.1.0.1 #? ping
ip netns exec a ping -c 2 -i 0.2 -W 1 10.2.0.1 #? ping
ip netns exec a ping -c 2 -i 0.2 -W 1 10.3.0.1 #? ping
ip netns exec a ping -c 2 -i 0.2 -W 1 10.4.0.1 #? ping
ip netns exec a ping -c 2 -i 0.2 -W 1 10.5.0.1 #? ping
ip -n a route get 10.1.0.1 #? err
ip -n a route get 10.2.0.1 #? err
ip -n a route get 10.3.0.1 #? err
ip -n a route get 10.4.0.1 #? err
ip -n a -j route #? route
