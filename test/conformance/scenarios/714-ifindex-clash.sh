# the same index and the same names in several namespaces
# group: 7
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip netns add a
ip netns add b
ip -n a link add x0 index 60 address 02:00:00:00:aa:01 type bridge
ip link add link p0 index 60 name m1 address 02:00:00:00:00:0a type macvlan #? ok
ip link add link p0 index 61 name m1 netns b address 02:00:00:00:00:0b type macvlan #? ok same name elsewhere
ip link add link p0 index 61 name m1 netns b type macvlan #? err
ip link add link p0 index 61 name m2 netns b type macvlan #? err
ip link add link p0 index 61 name m2 address 02:00:00:00:00:0c type macvlan #? ok
ip link set m1 netns a #? ok
ip -n a -j link show m1 #? link
ip link set m2 netns b #? ok
ip -n b -j link show #? link
ip -n b link set m1 netns a #? err
ip -n b link set m2 netns a index 60 #? err
ip -n b link set m2 netns a index 99 name m9 #? ok
ip -n a -o link show m9 | true #? ok
ip -n a -j link show m9 #? link
ip link set p0 index 5 #? err
