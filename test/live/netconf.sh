# The settings of IP that netlink tells: asked for, and heard of as they change.
ip link set lo up
sysctl -qw net.ipv6.conf.default.accept_dad=0
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:f1
ip monitor netconf > heard & all=$!
ip -4 monitor netconf > heard4 & four=$!
listening 2
sysctl -qw net.ipv4.ip_forward=1
sysctl -qw net.ipv4.ip_forward=1
sysctl -qw net.ipv4.conf.p0.rp_filter=2
sysctl -qw net.ipv4.conf.p0.arp_ignore=2
sysctl -qw net.ipv4.conf.all.proxy_arp=1
sysctl -qw net.ipv4.conf.default.rp_filter=1
sysctl -qw net.ipv4.conf.p0.proxy_arp=1
sysctl -qw net.ipv4.conf.p0.bc_forwarding=1
sysctl -qw net.ipv6.conf.p0.forwarding=1
sysctl -qw net.ipv6.conf.all.forwarding=1
sysctl -qw net.ipv6.conf.p1.proxy_ndp=1
sysctl -qw net.ipv4.conf.default.forwarding=0
sysctl -qw net.ipv4.conf.p0.forwarding=0
sysctl -qw net.ipv4.conf.p0.ignore_routes_with_linkdown=1
ip link set p1 name q1
ip link add m0 link p0 address 02:00:00:00:00:f3 type macvlan
sleep 0.3
ip link del p0
drained
kill $all $four
cat heard; echo IPv4; cat heard4
ip netconf; echo $?
ip -4 netconf; ip -6 netconf show; ip -j -p netconf
ip -4 netconf show dev lo; ip -6 -j netconf show dev lo; ip netconf show dev lo
ip netconf show dev nope; echo $?
ip netconf frob; echo $?
ip netconf help; echo $?
