# operstates of macvlans above a parent that is up, down, without a carrier
# group: 7
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip netns add a
ip link add link p0 name m1 index 40 address 02:00:00:00:00:0a type macvlan
ip link add link p0 name m2 index 41 address 02:00:00:00:00:0b type macvlan
ip link set m2 netns a
ip -j link show m1 #? link
ip link set m1 up
ip -n a link set m2 up
sleep 1.2
ip -j link show m1 #? link
ip -n a -j link show m2 #? link
ip link set p1 down
sleep 1.2
ip -j link show p0 #? link
ip -j link show m1 #? link
ip -n a -j link show m2 #? link
ip link set p0 down
sleep 1.2
ip -j link show p0 #? link
ip -j link show m1 #? link
ip link set m1 down
ip link set m1 up #? ok on a parent that is down
ip -j link show m1 #? link
ip link set p1 up
ip link set p0 up
sleep 1.2
ip -j link show m1 #? link
ip -n a -j link show m2 #? link
ip link set m1 protodown on #? ok
sleep 1.2
ip -j link show m1 #? link
ip link set m1 protodown off #? ok
sleep 1.2
ip -j link show m1 #? link
ip link set m1 carrier off #? err
ip link set p0 carrier off #? rc
ip link set m1 state dormant #? ok
ip -j link show m1 #? link
ip link set m1 state up #? ok
ip -j link show m1 #? link
ip link set m1 mode dormant #? ok
ip -j link show m1 #? link
ip link set m1 mode default #? ok
ip -j link show m1 #? link
ip link set m1 state foo #? err
ip link set m1 mode foo #? err
