# a namespace that is deleted while a datagram in it waits for ARP goes when that has ended, and its macvlan with it
# group: 7
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01
ip link set p1 up
ip link set p0 up
ip netns add net0
ip netns add net1
ip link add link p0 name m0 netns net0 address 02:00:00:00:00:0a type macvlan mode bridge
ip link add link p0 name m1 netns net1 address 02:00:00:00:00:0b type macvlan mode bridge
ip -n net0 addr add 192.168.0.101/24 dev m0
ip -n net1 addr add 192.168.0.102/24 dev m1
ip -n net0 link set m0 up
ip -n net1 link set m1 up
sleep 0.5
ip netns exec net1 ping -c 1 -W 1 192.168.0.101 #? ping
ip netns exec net0 ping -c 1 -W 1 192.168.0.77 #? ping
ip netns del net0
ip netns list #? text
sleep 0.5
ip netns exec net1 ping -c 1 -W 1 192.168.0.101 #? ping
sleep 3
ip netns exec net1 ping -c 1 -W 1 192.168.0.101 #? ping
ip -d -j link show p0 #? link
ip -n net1 -d -j link show m1 #? link
