# localhost, 127/8, 0.0.0.0, own address, own broadcast
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
ip netns exec a ping -c 1 -W 1 127.0.0.1 #? ping
ip netns exec a ping -c 1 -W 1 192.168.0.11 #? ping
ip netns exec a ping -c 1 -W 1 0.0.0.0 #? ping
ip netns exec a ping -c 1 -W 1 localhost #? ping
ip netns exec a ping -c 1 -W 1 0 #? ping
ip -n a link set lo up
ip netns exec a ping -c 1 -W 1 127.0.0.1 #? ping
ip netns exec a ping -c 1 -W 1 127.1.2.3 #? ping
ip netns exec a ping -c 1 -W 1 127.0.0.0 #? ping
ip netns exec a ping -c 1 -W 1 127.255.255.255 #? ping
ip netns exec a ping -c 1 -W 1 -b 127.255.255.255 #? ping
ip netns exec a ping -c 1 -W 1 -4 localhost #? ping
ip netns exec a ping -c 1 -W 1 192.168.0.11 #? ping
ip netns exec a ping -c 1 -W 1 0.0.0.0 #? ping
ip netns exec a ping -c 1 -W 1 0 #? ping
ip netns exec a ping -c 1 -W 1 -I mva 127.0.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I lo 127.0.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I lo 192.168.0.11 #? ping
ip netns exec a ping -c 1 -W 1 -I lo 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 -I mva 192.168.0.11 #? ping
ip netns exec a ping -c 1 -W 1 -I 127.0.0.1 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 -I 127.0.0.1 127.0.0.2 #? ping
ip netns exec a ping -c 1 -W 1 -I 192.168.0.11 127.0.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I 192.168.0.11 192.168.0.11 #? ping
ip netns exec a ping -c 1 -W 1 -s 65507 127.0.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 65508 127.0.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 65000 -M do 127.0.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 65507 -M do 127.0.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 60000 192.168.0.11 #? ping
ip netns exec a ping -c 1 -W 1 255.255.255.255 #? ping
ip netns exec a ping -c 1 -W 1 -b 255.255.255.255 #? ping
ip netns exec a ping -c 1 -W 1 240.0.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -b 192.168.0.0 #? ping
ip netns exec a ping -c 1 -W 1 192.168.0.0 #? ping
ip netns exec a ping -c 1 -W 1 192.168.0.255 #? ping
ip netns exec a ping -c 1 -W 1 -b 192.168.0.255 #? ping
ip netns exec a ping -c 1 -W 1 224.0.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I mva 224.0.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I mva -L 224.0.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I 192.168.0.11 224.0.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -I mva -t 1 239.1.1.1 #? ping
ip netns exec a ping -c 1 -W 1 -I mva 0.0.0.0 #? ping
ip netns exec a ping -c 1 -W 1 0.0.0.1 #? ping
ip netns exec a ping -c 1 -W 1 1.2.3.4 #? ping
