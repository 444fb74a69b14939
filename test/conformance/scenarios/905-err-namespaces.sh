# namespaces: names, missing ones, dead ones, moves that are refused
# group: 4
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 index 20 address 02:00:00:00:00:f0 type veth peer name p1 index 21 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip netns add a #? ok
ip netns add a #? err
ip netns del b #? err
ip netns exec b true #? err
ip netns exec a false #? err
ip netns exec a nosuchprogram #? err
ip netns exec #? err
ip netns exec a #? err
ip -n b link #? err
ip netns frob #? err
ip netns add #? err
ip netns del #? err
ip netns add x/y #? err
ip netns add . #? rc
ip link add link p0 name m1 netns a type macvlan #? ok
ip link add link p0 name m1 netns a type macvlan #? err
ip link add link p0 name m1 netns b type macvlan #? err
ip link add link p0 name m1 type macvlan #? ok
ip link set m1 netns a #? err
ip link set m1 netns a name m2 #? ok
ip link set m2 netns a #? err
ip -n a link #? rc
ip -n a -j link show m2 #? link
ip netns #? text
ip netns list-id #? text
ip -n a link set m2 up #? ok
ip link del p0 #? ok
ip -n a link show m2 #? err
ip netns del a #? ok
ip netns #? text
ip -all netns exec true #? ok
ip netns add c
ip netns add d
ip -all netns exec ip link show lo #? text
ip netns identify #? text
ip netns identify $$ #? text
ip netns pids c #? text
ip -all netns del #? ok
ip netns #? text
