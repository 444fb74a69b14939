# one sender on the lists of two macvlans, nodst on one, lists that change
# group: 5
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
ip link add link p0 name mva address 02:00:00:00:00:0a type macvlan mode source macaddr set 02:00:00:00:00:01
ip link set mva netns a
ip -n a addr add 192.168.0.11/24 dev mva
ip -n a link set mva up
ip netns add b
ip netns exec b sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mvb address 02:00:00:00:00:0b type macvlan mode source macaddr set 02:00:00:00:00:01 02:00:00:00:00:99
ip link set mvb netns b
ip -n b addr add 192.168.0.12/24 dev mvb
ip -n b link set mvb up
ip addr add 192.168.0.10/24 dev p0
ip netns exec peer ping -q -c 2 -i 0.2 -W 1 192.168.0.11 #? ping
ip netns exec peer ping -q -c 2 -i 0.2 -W 1 192.168.0.12 #? ping
ip netns exec peer ping -q -c 1 -W 1 192.168.0.10 #? ping
ip -n a -j -s link show mva #? stats
ip -n b -j -s link show mvb #? stats
ip -n b link set mvb type macvlan flag nodst #? ok
ip netns exec peer ping -q -c 1 -W 1 192.168.0.10 #? ping swallowed
ip netns exec peer ping -q -c 1 -W 1 192.168.0.11 #? ping
ip -n b link set mvb down
ip netns exec peer ping -q -c 1 -W 1 192.168.0.10 #? ping still swallowed
ip -n b link set mvb type macvlan macaddr del 02:00:00:00:00:01 #? ok
ip netns exec peer ping -q -c 1 -W 1 192.168.0.10 #? ping
ip -n b -d -j link show mvb #? link
ip -n b link set mvb up
ip -n b link set mvb type macvlan macaddr add 02:00:00:00:00:01 #? ok
ip netns exec peer ping -q -c 1 -W 1 192.168.0.10 #? ping
ip -n b link set mvb type macvlan flag null #? ok
ip netns exec peer ping -q -c 1 -W 1 192.168.0.10 #? ping
ip -n peer link set p1 address 02:00:00:00:00:99
ip -n peer neigh flush all
sleep 0.2
ip netns exec peer ping -q -c 1 -W 1 192.168.0.11 #? ping
ip netns exec peer ping -q -c 1 -W 1 192.168.0.12 #? ping
ip netns exec b ping -q -c 1 -W 1 192.168.0.1 #? ping
ip -n b link set mvb type macvlan mode vepa #? ok
ip -n b -d -j link show mvb #? link
ip netns exec peer ping -q -c 1 -W 1 192.168.0.12 #? ping
ip -n a link set mva type macvlan macaddr flush #? ok
ip -n a -d -j link show mva #? link
ip netns exec a ping -q -c 1 -W 1 192.168.0.1 #? ping
