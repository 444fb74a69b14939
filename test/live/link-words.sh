# What `ip link` says to a macvlan: words, errnos, partial effects.
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
t() { echo "\$ $*"; "$@"; echo "rc=$?"; }
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:f1
t ip link add link p0 name m0 type macvlan mode foo
t ip link add link p0 name m0 type macvlan mode
t ip link add link nope m0 type macvlan
t ip link add link p0 address 02:00:00:00:00:0e type macvlan
t ip link add link p0 m0 address 01:00:00:00:00:01 type macvlan
t ip link add link p0 m0 address 00:00:00:00:00:00 type macvlan
t ip link add link p0 m0 address ff:ff:ff:ff:ff:ff type macvlan
t ip link add link p0 m0 address 02:0 type macvlan
t ip link add link p0 m0 mtu 1501 type macvlan
t ip link add link p0 m0 mtu 67 type macvlan
t ip link add link p0 m0 mtu 0 type macvlan
t ip link add link p0 averyverylongnamefordev type macvlan
t ip link add link p0 'a b' type macvlan
t ip link add link p0 m/0 type macvlan
t ip link add link p0 m0 type macvlan mode bridge nopromisc
t ip link add link p0 m1 type macvlan mode passthru
t ip link add link p0 m1 type macvlan mode bridge flag nopromisc
t ip link add link p0 m1 txqueuelen 5 numtxqueues 3 numrxqueues 2 type macvlan mode vepa bcqueuelen 7 bclim 5
t ip -d link show m1
t ip link set m1 type macvlan mode passthru
t ip link set m1 type macvlan mode private bcqueuelen 0
t ip link set m1 type macvlan bclim -1
t ip link set m1 type macvlan bclim -2
t ip -d -j link show m1
t ip link set m1 type macvlan macaddr add 02:00:00:00:00:33
t ip link set m1 type macvlan macaddr frob
t ip link set m1 type macvlan macaddr
t ip link set m1 type macvlan macaddr add 03:00:00:00:00:33
t ip link set m1 type macvlan macaddr del 02:00:00:00:00:99
t ip link set m1 type macvlan mode source
t ip link set m1 type macvlan macaddr add 02:00:00:00:00:33
t ip link set m1 type macvlan macaddr add 02:00:00:00:00:33
t ip link set m1 type macvlan macaddr add 03:00:00:00:00:33
t ip link set m1 type macvlan macaddr add 00:00:00:00:00:00
t ip link set m1 type macvlan macaddr set 02:00:00:00:00:01 02:00:00:00:00:02 02:00:00:00:00:01
t ip -d link show m1
t ip link set m1 type macvlan macaddr set
t ip link set m1 type macvlan macaddr flush
t ip -d link show m1
t ip link set m1 type veth
t ip link set m1 type macvlan
t ip link set p0 type macvlan mode bridge
t ip link set m1 up
t ip link set p0 up
t ip link set m1 up
t ip link set m1 address 02:00:00:00:00:f0
t ip link set m1 address 03:00:00:00:00:f0
t ip link set m1 address 02:00:00:00:00:55 broadcast ff:ff:ff:ff:ff:00
t ip link show m1
t ip link set m1 mtu 1501
t ip link set m1 mtu 68
t ip link set p0 mtu 1000
t ip link show m1
t ip link set p0 mtu 100
t ip link set p0 mtu 1500
t ip link set m1 mtu 1500
t ip link show m1
t ip link set m1 name m0
t ip link set m1 down name m9
t ip link set m1 name m9
t ip link show m9
t ip link set m9 alias hello group 7
t ip -d link show group 7
t ip link set m9 promisc on multicast off allmulticast on arp off
t ip -d link show m9
t ip link set m9 promisc off
t ip link set m9 dynamic on
t ip link set m9 trailers on
t ip link set m9 carrier off
t ip link set m9 carrier on
t ip link set m9 protodown on
t ip link set m9 master p0
t ip link set m9 nomaster
t ip link set m9 link-netnsid 4
t ip link set m9 netns nope
t ip link set m9 addrgenmode none
t ip link set m9 gso_max_size 1000
t ip link set m9 gso_max_segs 10
t ip link set m9 txqueuelen -1
t ip link set m9 txqlen 77
t ip link set m9 state up
t ip link set m9 mode dormant
t ip link set m9 state down
t ip -d link show m9
t ip link show type macvlan
t ip -br link show type macvlan
t ip link show master p0
t ip link del m9 type macvlan
t ip link del m9
t ip link del nope
t ip link del
t ip link del m0 type veth
t ip -s link show m0
t ip -s -s link show m0
t ip link help 2>&1 | head -3
t ip link add
t ip link add foo
t ip link add foo type
t ip link add foo type nosuch
t ip link add link p0 foo address 02:00:00:00:00:0f type macvlan mode bridge mode vepa
t ip link add link p0 bar type macvlan mode bridge bcqueuelen x
t ip link add link p0 bar type macvlan frob
t ip link add link p0 bar type macvlan help
t ip link property add dev foo altname fooalt altname fooalt2
t ip link show fooalt
t ip link del fooalt2
t ip link show foo
