# a source macvlan beside one of mode bridge, hairpin, all neighbours static: every device counted to the byte
# group: 9
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip netns add switch
ip netns exec switch sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip netns add peer
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 netns switch
ip -n switch link add h1 type veth peer name eth0 address 02:00:00:00:00:01 netns peer
ip -n switch link add br0 type bridge forward_delay 0 mcast_snooping 0
ip -n switch link set p1 master br0
ip -n switch link set h1 master br0
ip -n switch link set br0 up
ip -n switch link set p1 up
ip -n switch link set h1 up
ip -n peer addr add 192.168.0.1/24 dev eth0
ip -n peer link set eth0 up
ip link set p0 up
ip netns exec switch bridge link set dev p1 hairpin on
sleep 1
ip addr add 192.168.0.10/24 dev p0
ip netns add a
ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mva address 02:00:00:00:00:0a type macvlan mode source macaddr set 02:00:00:00:00:01 02:00:00:00:00:0b
ip link set mva netns a
ip -n a addr add 192.168.0.11/24 dev mva
ip -n a link set mva up
ip netns add b
ip netns exec b sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mvb address 02:00:00:00:00:0b type macvlan mode bridge
ip link set mvb netns b
ip -n b addr add 192.168.0.12/24 dev mvb
ip -n b link set mvb up
ip -n a neigh add 192.168.0.12 lladdr 02:00:00:00:00:0b dev mva nud permanent
ip -n a neigh add 192.168.0.1 lladdr 02:00:00:00:00:01 dev mva nud permanent
ip -n a neigh add 192.168.0.10 lladdr 02:00:00:00:00:f0 dev mva nud permanent
ip -n b neigh add 192.168.0.11 lladdr 02:00:00:00:00:0a dev mvb nud permanent
ip -n b neigh add 192.168.0.1 lladdr 02:00:00:00:00:01 dev mvb nud permanent
ip -n b neigh add 192.168.0.10 lladdr 02:00:00:00:00:f0 dev mvb nud permanent
ip -n peer neigh add 192.168.0.11 lladdr 02:00:00:00:00:0a dev eth0 nud permanent
ip -n peer neigh add 192.168.0.12 lladdr 02:00:00:00:00:0b dev eth0 nud permanent
ip -n peer neigh add 192.168.0.10 lladdr 02:00:00:00:00:f0 dev eth0 nud permanent
ip neigh add 192.168.0.11 lladdr 02:00:00:00:00:0a dev p0 nud permanent
ip neigh add 192.168.0.12 lladdr 02:00:00:00:00:0b dev p0 nud permanent
ip neigh add 192.168.0.1 lladdr 02:00:00:00:00:01 dev p0 nud permanent
ip netns exec a ping -q -c 1 -W 1 192.168.0.12 #? ping
ip netns exec a ping -q -c 1 -W 1 192.168.0.1 #? ping
ip netns exec a ping -q -c 1 -W 1 192.168.0.10 #? ping
ip netns exec b ping -q -c 1 -W 1 192.168.0.11 #? ping
ip netns exec b ping -q -c 1 -W 1 192.168.0.1 #? ping
ip netns exec b ping -q -c 1 -W 1 192.168.0.10 #? ping
ip netns exec peer ping -q -c 1 -W 1 192.168.0.11 #? ping
ip netns exec peer ping -q -c 1 -W 1 192.168.0.12 #? ping
ip netns exec peer ping -q -c 1 -W 1 192.168.0.10 #? ping
ping -q -c 1 -W 1 192.168.0.11 #? ping
ping -q -c 1 -W 1 192.168.0.12 #? ping
ping -q -c 1 -W 1 192.168.0.1 #? ping
sleep 0.3
ip -n a -j -s link show mva #? stats
ip -n b -j -s link show mvb #? stats
ip -j -s link show p0 #? stats
ip -n peer -j -s link show eth0 #? stats
ip -n switch -j -s link show p1 #? stats
ip -n switch -j -s link show h1 #? stats
ip -n switch -j -s link show br0 #? stats
ip netns exec a ping -q -c 1 -W 1 -s 3000 192.168.0.12 #? ping
ip netns exec a ping -q -c 1 -W 1 -s 3000 192.168.0.1 #? ping
ip netns exec peer ping -q -c 1 -W 1 -s 3000 192.168.0.12 #? ping
sleep 0.3
ip -n a -j -s link show mva #? stats
ip -n b -j -s link show mvb #? stats
ip -j -s link show p0 #? stats
ip -n peer -j -s link show eth0 #? stats
ip -n switch -j -s link show p1 #? stats
ip -n switch -j -s link show h1 #? stats
ip -n switch -j -s link show br0 #? stats
ip netns exec a ping -q -b -c 2 -i 0.2 -W 1 192.168.0.255 #? ping
ip netns exec b ping -q -b -c 2 -i 0.2 -W 1 192.168.0.255 #? ping
ip netns exec peer ping -q -b -c 2 -i 0.2 -W 1 192.168.0.255 #? ping
ping -q -b -c 2 -i 0.2 -W 1 192.168.0.255 #? ping
sleep 0.3
ip -n a -j -s link show mva #? stats
ip -n b -j -s link show mvb #? stats
ip -j -s link show p0 #? stats
ip -n peer -j -s link show eth0 #? stats
ip -n switch -j -s link show p1 #? stats
ip -n switch -j -s link show h1 #? stats
ip -n switch -j -s link show br0 #? stats
ip netns exec a ping -q -b -c 1 -W 1 -s 2000 192.168.0.255 #? ping
ip netns exec b ping -q -b -c 1 -W 1 -s 2000 192.168.0.255 #? ping
ip netns exec peer ping -q -b -c 1 -W 1 -s 2000 192.168.0.255 #? ping
ping -q -b -c 1 -W 1 -s 2000 192.168.0.255 #? ping
sleep 0.3
ip -n a -j -s link show mva #? stats
ip -n b -j -s link show mvb #? stats
ip -j -s link show p0 #? stats
ip -n peer -j -s link show eth0 #? stats
ip -n switch -j -s link show p1 #? stats
ip -n switch -j -s link show h1 #? stats
ip -n switch -j -s link show br0 #? stats
ip netns exec a ping -q -c 2 -i 0.2 -W 1 -I mva 239.1.2.3 #? ping
ip netns exec b ping -q -c 2 -i 0.2 -W 1 -I mvb 239.1.2.3 #? ping
ip netns exec peer ping -q -c 2 -i 0.2 -W 1 -I eth0 239.1.2.3 #? ping
ping -q -c 2 -i 0.2 -W 1 -I p0 239.1.2.3 #? ping
sleep 0.3
ip -n a -j -s link show mva #? stats
ip -n b -j -s link show mvb #? stats
ip -j -s link show p0 #? stats
ip -n peer -j -s link show eth0 #? stats
ip -n switch -j -s link show p1 #? stats
ip -n switch -j -s link show h1 #? stats
ip -n switch -j -s link show br0 #? stats
