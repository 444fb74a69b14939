# the MAC of a passthru macvlan and its parent go together; what is restored
# group: 7
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add link p0 name m1 address 02:00:00:00:00:aa type macvlan mode passthru
ip -j link show m1 #? link
ip link set m1 address 02:00:00:00:00:ab #? ok down
ip -j link show p0 #? link
ip link set m1 up
ip link set m1 address 02:00:00:00:00:ac #? ok up
ip -j link show p0 #? link
ip link set p0 address 02:00:00:00:00:ad #? ok
ip -j link show m1 #? link
ip link set m1 address 02:00:00:00:00:ae #? ok
ip link set m1 address 01:00:00:00:00:ae #? err
ip link set m1 address 02:00:00:00:00:ae #? ok the same
ip -j link show p0 #? link
ip link del m1
ip -j link show p0 #? link the last address that was set through the parent
ip link add link p0 name m2 type macvlan mode passthru
ip netns add a
ip link set m2 netns a
ip -n a link set m2 address 02:00:00:00:00:af #? ok
ip -j link show p0 #? link
ip netns del a
sleep 0.5
ip -j link show p0 #? link
