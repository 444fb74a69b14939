# the MTU of the parent is cut and raised
# group: 7
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add link p0 name m1 address 02:00:00:00:00:0a type macvlan
ip link add link p0 name m2 address 02:00:00:00:00:0b mtu 1000 type macvlan
ip netns add a
ip link add link p0 name m3 netns a address 02:00:00:00:00:0c type macvlan
ip link set p0 mtu 1200 #? ok
ip -j link show type macvlan #? link
ip -n a -j link show m3 #? link
ip link set p0 mtu 1500
ip -j link show type macvlan #? link
ip link set m1 mtu 1500 #? ok
ip link set p0 mtu 68 #? ok
ip link set p0 mtu 67 #? err
ip link set p0 mtu 65535 #? ok
ip link set p0 mtu 65536 #? err
ip link set m1 mtu 65535 #? ok
ip -d -j link show m1 #? link
ip link add link p0 name m4 address 02:00:00:00:00:0d type macvlan #? ok
ip -d -j link show m4 #? link
ip link set p0 mtu 1500
ip -d -j link show m4 #? link
ip link set m4 mtu 1501 #? err
ip link set m1 mtu -1 #? err
ip link set m1 mtu 99999999999 #? err
ip link set m1 mtu 1.5 #? err
ip link set m1 mtu 0x500 #? ok
ip -j link show m1 #? link
ip link set lo mtu 1000 #? ok
ip link set lo mtu 0 #? rc
