# errors of macvtap, flags and queue lengths
# group: 4
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 index 20 address 02:00:00:00:00:f0 type veth peer name p1 index 21 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add link p0 name t1 type macvtap mode passthru #? ok
ip link add link p0 name m1 type macvlan mode bridge #? err
ip link set t1 type macvtap mode bridge #? err
ip link set t1 type macvlan mode bridge #? err
ip link set t1 type macvtap mode passthru #? ok
ip link set t1 address 02:00:00:00:00:77 #? ok
ip -j -d link show p0 #? link
ip -j -d link show t1 #? link
ip link del t1 #? ok
ip -j -d link show p0 #? link
ip link add link p0 name m1 type macvlan mode passthru nopromisc #? ok
ip link add link p0 name m2 type macvlan mode bridge nopromisc #? err
ip link add link p0 name m2 type macvlan flag nopromisc #? err
ip link set m1 up #? ok
ip -j -d link show p0 #? link
ip link set m1 type macvlan mode passthru #? ok
ip -j -d link show m1 #? link
ip -j -d link show p0 #? link
ip link set m1 down
ip link del m1
ip link add link p0 name m1 type macvlan mode vepa bcqueuelen 0 #? ok
ip link add link p0 name m2 type macvlan mode vepa bcqueuelen 3000 #? ok
ip -j -d link show m1 #? link
ip link del m2
ip -j -d link show m1 #? link
ip link set m1 type macvlan bcqueuelen 7 #? ok
ip -j -d link show m1 #? link
ip link add link m1 name m3 type macvtap mode bridge #? ok
ip -j -d link show m3 #? link
ip link add link m3 name m4 type macvlan #? rc
ip -j -d link show m4 #? link
ip link set m1 addr 02:00:00:00:00:f0 #? ok
ip link set m1 up #? err
ip link add link nosuch name m5 type macvlan #? err
ip link add link p0 name p0 type macvlan #? err
ip link add link p0 name m1 type macvlan #? err
ip link add link p0 name m5 address 01:00:00:00:00:01 type macvlan #? err
ip link add link p0 name m5 address 00:00:00:00:00:00 type macvlan #? err
ip link add link p0 name m5 mtu 1501 type macvlan #? err
ip link add link p0 name m5 mtu 67 type macvlan #? err
ip link add link p0 name m5 numtxqueues 0 type macvlan #? err
ip link add link p0 name m5 numtxqueues 5000 type macvlan #? err
ip link add link p0 name m5 numtxqueues 4 numrxqueues 2 type macvlan #? ok
ip link add link p0 up name m6 address 02:00:00:00:00:f0 type macvlan #? err
ip link show m6 #? err
ip link replace link p0 name m5 type macvlan mode private #? rc
