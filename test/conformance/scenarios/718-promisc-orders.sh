# promisc and allmulti of macvlans, in all orders, and what the parent counts
# group: 9
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add link p0 name m1 address 02:00:00:00:00:0a type macvlan mode bridge
ip -d -j link show p0 #? link
ip link set m1 promisc on
ip -d -j link show p0 #? link
ip link set m1 up
ip -d -j link show p0 #? link
ip -d -j link show m1 #? link
ip link set m1 allmulticast on
ip -d -j link show p0 #? link
ip link set m1 down
ip -d -j link show p0 #? link
ip link set m1 up
ip link set m1 promisc off
ip -d -j link show p0 #? link
ip link set m1 allmulticast off
ip -d -j link show p0 #? link
ip link set p0 promisc on
ip -d -j link show p0 #? link
ip link set p0 promisc on #? ok
ip -d -j link show p0 #? link
ip link set m1 promisc on
ip link set p0 promisc off
ip -d -j link show p0 #? link
ip link set p0 allmulticast on
ip link set m1 allmulticast on
ip link set m1 down
ip -d -j link show p0 #? link
ip link set p0 allmulticast off
ip link del m1
ip -d -j link show p0 #? link
ifconfig p0 promisc #? ok
ifconfig p0 allmulti #? ok
ip -d -j link show p0 #? link
ifconfig p0 -promisc -allmulti #? ok
ip -d -j link show p0 #? link
