# protodown, carrier, dormant: what macvlans take over
# group: 7
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 index 20 address 02:00:00:00:00:f0 type veth peer name p1 index 21 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add link p0 name m1 address 02:00:00:00:00:0a type macvlan mode bridge
ip netns add a
ip link add link p0 name m2 address 02:00:00:00:00:0b netns a type macvlan mode bridge
ip link set m1 up
ip -n a link set m2 up
ip link set m1 protodown on #? ok
sleep 1
ip -j link show m1 #? link
ip link set m1 protodown off #? ok
sleep 1
ip -j link show m1 #? link
ip link set m1 carrier off #? err
ip link set p0 carrier off #? err
ip link set p0 mode dormant #? ok
ip link set p0 state dormant #? rc
sleep 1
ip -j link show p0 #? link
ip -j link show m1 #? link
ip link set p0 mode default #? ok
ip link set p0 state up #? rc
sleep 1
ip -j link show m1 #? link
ip link set m1 mode dormant #? ok
ip -j link show m1 #? link
ip link set m1 down
ip link set m1 up
sleep 1
ip -j link show m1 #? link
ip link set m1 mode default #? ok
ip link set p1 down
sleep 1
ip -j link show m1 #? link
ip -n a -j link show m2 #? link
ip link set p1 up
sleep 1
ip -j link show m1 #? link
ip -n a -j link show m2 #? link
ip link set p0 protodown on #? rc
