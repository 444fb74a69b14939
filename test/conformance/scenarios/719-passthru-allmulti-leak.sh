# allmulti on a passthru macvlan and what stays behind on the parent
# group: 9
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add link p0 name m1 type macvlan mode passthru
ip link set m1 up
ip link set m1 allmulticast on
ip -d -j link show p0 #? link
ip link set m1 down
ip -d -j link show p0 #? link
ip link set m1 up
ip -d -j link show p0 #? link
ip link set m1 allmulticast off
ip -d -j link show p0 #? link
ip link set m1 promisc on
ip -d -j link show p0 #? link
ip link set m1 promisc off
ip link del m1
ip -d -j link show p0 #? link
