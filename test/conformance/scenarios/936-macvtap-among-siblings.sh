# macvtaps of modes vepa and bridge beside a macvlan
# group: 9
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip netns add peer
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01 netns peer
ip -n peer addr add 192.168.0.1/24 dev p1
ip -n peer link set p1 up
ip link set p0 up
ip addr add 192.168.0.10/24 dev p0
ip netns add a
ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mva address 02:00:00:00:00:0a type macvtap mode vepa
ip link set mva netns a
ip -n a addr add 192.168.0.11/24 dev mva
ip -n a link set mva up
ip netns add b
ip netns exec b sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mvb address 02:00:00:00:00:0b type macvlan mode vepa
ip link set mvb netns b
ip -n b addr add 192.168.0.12/24 dev mvb
ip -n b link set mvb up
ip netns add c
ip netns exec c sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mvc address 02:00:00:00:00:0c type macvtap mode bridge
ip link set mvc netns c
ip -n c addr add 192.168.0.13/24 dev mvc
ip -n c link set mvc up
sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
ip netns exec a sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
ip netns exec b sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
ip netns exec c sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
ip netns exec peer sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
ip netns exec a ping -c 1 -W 1 192.168.0.12 #? ping
ip netns exec b ping -c 1 -W 1 192.168.0.11 #? ping
ip netns exec a ping -c 1 -W 1 192.168.0.13 #? ping
ip netns exec c ping -c 1 -W 1 192.168.0.11 #? ping
ip netns exec b ping -c 1 -W 1 192.168.0.13 #? ping
ip netns exec c ping -c 1 -W 1 192.168.0.12 #? ping
ip netns exec a ping -c 1 -W 1 192.168.0.1 #? ping
ip netns exec peer ping -c 1 -W 1 192.168.0.11 #? ping
ip netns exec c ping -c 1 -W 1 192.168.0.1 #? ping
ping -c 1 -W 1 192.168.0.13 #? ping
sleep 1
sleep 0.3
ip -n a -j -s link show mva #? stats
ip -n b -j -s link show mvb #? stats
ip -n c -j -s link show mvc #? stats
ip -j -s link show p0 #? stats
ip -n peer -j -s link show p1 #? stats
ip netns exec a ping -b -c 2 -i 0.3 -W 1 192.168.0.255 #? ping
ip netns exec c ping -b -c 2 -i 0.3 -W 1 192.168.0.255 #? ping
ip netns exec peer ping -b -c 2 -i 0.3 -W 1 192.168.0.255 #? ping
ip -d -j link show p0 #? link
ip -n a -d -j link show mva #? link
