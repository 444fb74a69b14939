# a passthru macvlan that is down swallows the unicast of the host
# group: 7
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
# wire: p0 is the NIC of this host, p1 the NIC of the machine at the other end of the cable (netns peer)
ip netns add peer
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01 netns peer
ip -n peer addr add 192.168.0.1/24 dev p1
ip -n peer link set p1 up
ip link set p0 up
ip addr add 192.168.0.10/24 dev p0
ping -c 1 -W 1 192.168.0.1 #? ping
ip link add link p0 name m1 type macvlan mode passthru
ping -c 1 -W 1 192.168.0.1 #? ping
ip link set m1 up
ping -c 1 -W 1 192.168.0.1 #? ping
ip addr add 192.168.0.11/24 dev m1
ping -c 1 -W 1 -I m1 192.168.0.1 #? ping
ip -j neigh #? neigh
ip link del m1
ping -c 1 -W 1 192.168.0.1 #? ping
ip -j route #? route
