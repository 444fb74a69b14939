# a bridge that has a macvlan as a port
# group: 6
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
# wire: p0 is the NIC of this host, p1 the NIC of the machine at the other end of the cable (netns peer)
ip netns add peer
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01 netns peer
ip -n peer addr add 192.168.0.1/24 dev p1
ip -n peer link set p1 up
ip link set p0 up
ip link add link p0 name m1 address 02:00:00:00:00:0a type macvlan mode bridge
ip link add br1 address 02:00:00:00:00:b1 type bridge forward_delay 0
ip link set m1 master br1 #? ok
ip link set br1 up
ip link set m1 up
ip addr add 192.168.0.20/24 dev br1
sleep 1
ping -c 1 -W 1 192.168.0.1 #? ping the frames for the bridge's MAC do not come back
ip link set br1 address 02:00:00:00:00:0a #? ok
ip -j -d link show m1 #? link
ip -j -d link show p0 #? link
ip neigh flush all
ping -c 1 -W 1 192.168.0.1 #? ping
bridge -j link show dev m1 #? rc
ip link set m1 nomaster #? ok
ip -j -d link show m1 #? link
ip -j -d link show p0 #? link
ip link set p0 master br1 #? err
ip link del m1
ip link set p0 master br1 #? ok
ip neigh flush all
ping -c 1 -W 1 192.168.0.1 #? ping
ip -j link show p0 #? link
