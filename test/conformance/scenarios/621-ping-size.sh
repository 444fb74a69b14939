# size limits
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
ip -n a link set lo up
ip -n b link set lo up
ip -n peer link set lo up
ip netns exec a ping -c 1 -W 1 -s 1471 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 -s 1471 -M do 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 1471 -q 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 1472 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 -s 1472 -M do 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 1472 -q 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 1473 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 -s 1473 -M do 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 1473 -q 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 8191 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 -s 8191 -M do 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 8191 -q 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 32000 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 -s 32000 -M do 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 32000 -q 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 65467 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 -s 65467 -M do 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 65467 -q 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 65468 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 -s 65468 -M do 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 65468 -q 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 65507 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 -s 65507 -M do 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 65507 -q 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 65508 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 -s 65508 -M do 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 65508 -q 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 65515 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 -s 65515 -M do 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 65515 -q 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 65535 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 -s 65535 -M do 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 65535 -q 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 65536 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 -s 65536 -M do 192.168.0.1 #? ping
ip netns exec a ping -c 1 -W 1 -s 65536 -q 192.168.0.1 #? ping
