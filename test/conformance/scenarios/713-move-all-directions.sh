# a macvlan goes to a namespace, to another one, and home again
# group: 7
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip netns add a
ip netns add b
ip link add link p0 name m1 address 02:00:00:00:00:0a index 50 type macvlan mode bridge
ip addr add 10.0.0.1/24 dev m1
ip link set m1 up promisc on allmulticast on mtu 1300 txqueuelen 77 alias "a name of many words"
ip link property add dev m1 altname other #? ok
ip -d -j link show m1 #? link
ip link set m1 netns a #? ok
ip -n a -d -j addr show m1 #? addr
ip -n a link show other #? rc
ip -d -j link show p0 #? link
ip -n a link set m1 up
ip -d -j link show p0 #? link
ip -n a link set m1 netns b #? ok from one to the other
ip -n b -d -j link show m1 #? link
ip -n a link show m1 #? err
ip -n b link set m1 netns 1 #? ok
ip -d -j link show m1 #? link
ip link set m1 netns 1 #? ok where it is
ip link set m1 netns nope #? err
ip link set m1 netns 99999 #? err
ip link set m1 netns #? err
ip link set lo netns a #? err
ip -n a link add dummy type bridge
ip link set m1 name dummy
ip link set dummy netns a #? err
ip link set dummy netns a name m1 #? ok
ip -n a -j link show #? link
ip -n a link set dummy netns b name m1 #? ok a bridge is local
ip -n b -j link #? link
ip link set p0 netns a #? ok the parent follows
ip -n a -j link show m1 #? link
ip -n a -j link show p0 #? link
