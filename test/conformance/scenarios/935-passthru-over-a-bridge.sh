# passthru on a bridge port and on the bridge; the port leaves and comes back
# group: 6
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip netns add peer
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f1 type veth peer name p1 address 02:00:00:00:00:01 netns peer
ip -n peer addr add 192.168.0.1/24 dev p1
ip -n peer link set p1 up
ip link set p0 up
ip link add br0 address 02:00:00:00:00:f0 type bridge forward_delay 0
ip link set p0 master br0
ip link set br0 up
sleep 1
ip addr add 192.168.0.10/24 dev br0
ip link add link p0 name m1 type macvlan mode passthru #? err
ip link show m1 #? err
ip link add link br0 name m1 address 02:00:00:00:00:0a type macvlan mode passthru  #? ok
ip link set br0 master br0 #? err
ip addr add 192.168.0.11/32 dev m1
ip link set m1 up
ip netns exec peer ping -c 2 -i 0.2 -W 1 192.168.0.11 #? ping
ping -c 1 -W 1 -I m1 192.168.0.1 #? ping
ping -c 2 -i 0.2 -W 1 192.168.0.1 #? ping
ip -d -j link show br0 #? link
ip -d -j link show p0 #? link
bridge fdb show br br0 | grep -v 33:33 | sort #? text
ip link set p0 nomaster #? ok
ip netns exec peer ping -c 1 -W 1 192.168.0.11 #? ping
ip -j link show m1 #? link
sleep 1.2
ip -j link show m1 #? link
ip -j link show br0 #? link
ip link set p0 master br0 #? ok
sleep 1.2
ip -j link show m1 #? link
ip netns exec peer ping -c 1 -W 1 192.168.0.11 #? ping
sleep 0.3
ip -j -s link show m1 #? stats
ip -j -s link show br0 #? stats
ip -j -s link show p0 #? stats
ip link del br0 #? ok
ip link show m1 #? err
