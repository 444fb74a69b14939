# changing a macvlan: what is refused, and what happened before the refusal
# group: 4
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add link p0 name m1 address 02:00:00:00:00:0a type macvlan
ip -d -j link show m1 #? link
ip link set m1 type macvlan mode private #? ok
ip link set m1 type macvlan mode bridge #? ok
ip link set m1 type macvlan mode source #? ok
ip link set m1 type macvlan mode passthru #? err
ip -d -j link show m1 #? link
ip link set m1 type macvlan macaddr add 02:00:00:00:00:01 #? ok
ip link set m1 type macvlan mode bridge macaddr add 02:00:00:00:00:02 #? err
ip -d -j link show m1 #? link it is in bridge mode with an empty list
ip link set m1 type macvlan macaddr add 02:00:00:00:00:02 #? err
ip link set m1 type macvlan macaddr flush #? err
ip link set m1 type macvlan macaddr set #? err
ip link set m1 type macvlan mode private bcqueuelen 77 macaddr flush #? err
ip -d -j link show m1 #? link
ip link set m1 type veth #? err
ip link set m1 type bridge #? err
ip link set m1 type macvtap mode vepa #? err
ip link set m1 type nosuch #? err
ip link set p0 type macvlan mode bridge #? err
ip link set m1 type macvlan mode #? err
ip link set m1 type macvlan mode brigde #? err
ip link set m1 type macvlan flag foo #? err
ip link set m1 type macvlan flag #? err
ip link set m1 type macvlan flag nodst #? ok
ip -d -j link show m1 #? link
ip link set m1 type macvlan flag null #? ok
ip -d -j link show m1 #? link
ip link set m1 type macvlan mode source flag nodst #? ok
ip -d link show m1 | true #? ok
ip -d -j link show m1 #? link
ip link set m1 type macvlan mode bridge #? ok
ip -d -j link show m1 #? link
ip link set m1 type macvlan bcqueuelen #? err
ip link set m1 type macvlan bcqueuelen -1 #? err
ip link set m1 type macvlan bcqueuelen 4294967295 #? ok
ip link set m1 type macvlan bcqueuelen 4294967296 #? err
ip -d -j link show m1 #? link
ip link set m1 type macvlan bcqueuelen abc #? err
ip link set m1 type macvlan macaddr #? err
ip link set m1 type macvlan macaddr frob #? err
ip link set m1 type macvlan macaddr add #? err
ip link set m1 type macvlan mode source macaddr add zz #? err
ip link set m1 type macvlan mode source macaddr add 01:00:00:00:00:01 #? err
ip link set m1 type macvlan mode source macaddr del 02:00:00:00:00:77 #? ok
ip -d -j link show m1 #? link
ip link set m1 type macvlan mode source macaddr set 02:00:00:00:00:01 zz #? err
ip link set m1 type macvlan mode source macaddr set 02:00:00:00:00:01 01:00:00:00:00:02 #? err
ip -d -j link show m1 #? link
ip link set m1 type macvlan #? ok
ip link set m1 type macvlan frob #? err
ip link set m1 type macvlan nopromisc #? err
