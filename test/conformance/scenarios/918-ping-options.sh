# options of ping between macvlans: counts, sizes, deadlines, TTLs, routes, broken ones
# group: 11
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
ip netns exec a ping -c 2 -i 0.2 -s 0 192.168.0.12 #? ping
ip netns exec a ping -c 2 -i 0.2 -s 8 192.168.0.12 #? ping
ip netns exec a ping -c 2 -i 0.2 -s 65507 -W 1 192.168.0.12 #? ping
ip netns exec a ping -c 1 -s 65508 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 -t 1 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 -t 0 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 -t 256 192.168.0.12 #? ping
ip netns exec a ping -c 3 -i 0.2 -W 1 -q 192.168.0.99 #? ping
ip netns exec a ping -w 1 -q 192.168.0.99 #? ping
ip netns exec a ping -c 1 -W 1 10.9.9.9 #? ping
ip netns exec a ping -c 1 -W 1 nosuch.host #? ping
ip netns exec a ping -c 0 192.168.0.12 #? ping
ip netns exec a ping -c x 192.168.0.12 #? ping
ip netns exec a ping -i 0.0001 -c 1 192.168.0.12 #? ping
ip netns exec a ping -i -1 -c 1 192.168.0.12 #? ping
ip netns exec a ping -c 1 -I nosuch 192.168.0.12 #? ping
ip netns exec a ping -c 1 -I 1.2.3.4 192.168.0.12 #? ping
ip netns exec a ping -c 1 -I mva 192.168.0.12 #? ping
ip netns exec a ping -c 1 -I 192.168.0.11 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 192.168.0.255 #? ping
ip netns exec a ping -c 1 -b -W 1 192.168.0.255 #? ping
ip netns exec a ping -c 2 -i 0.2 -p ff 192.168.0.12 #? ping
ip netns exec a ping -c 1 -p xy 192.168.0.12 #? ping
ip netns exec a ping -c 2 -f -q 192.168.0.12 #? ping
ip netns exec a ping -c 1 -M do -s 1472 192.168.0.12 #? ping
ip netns exec a ping -c 1 -M do -s 1473 192.168.0.12 #? ping
ip netns exec a ping -c 1 -M frob 192.168.0.12 #? ping
ip netns exec a ping -c 1 -Q 0x10 192.168.0.12 #? ping
ip netns exec a ping #? rc
ip netns exec a ping -4 -c 1 192.168.0.12 #? ping
ip netns exec a ping -z 192.168.0.12 #? rc
ip netns exec a ping -c 1 127.0.0.1 #? ping lo is down
ip -n a link set lo up
ip netns exec a ping -c 1 127.0.0.1 #? ping
ip netns exec a ping -c 1 192.168.0.11 #? ping
ip netns exec a ping -c 1 0.0.0.0 #? ping
