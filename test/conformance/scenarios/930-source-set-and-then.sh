# what ends the list after macaddr set: words that begin like hex, and others
# group: 5
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1
ip link set p0 up
ip link set p1 up
ip link add link p0 name m1 address 02:00:00:00:00:0a type macvlan mode source macaddr set 02:00:00:00:00:01 bcqueuelen 7 #? ok
ip -d -j link show m1 #? link
ip link set m1 type macvlan macaddr set 02:00:00:00:00:02 02:00:00:00:00:03 flag nodst #? ok
ip -d -j link show m1 #? link
ip link set m1 type macvlan macaddr set 02:00:00:00:00:04 f null #? ok
ip -d -j link show m1 #? link
ip link set m1 type macvlan macaddr set 02:00:00:00:00:05 mode source #? rc
ip -d -j link show m1 #? link
ip link set m1 type macvlan macaddr set 02:00:00:00:00:06 nopromisc #? err
ip link set m1 type macvlan macaddr set 02:00:00:00:00:07 0a #? err
ip link set m1 type macvlan macaddr set 02:00:00:00:00:08 12:34 #? err
ip link set m1 type macvlan macaddr set 02:00:00:00:00:09 02:00:00:00:00:zz #? err
ip link set m1 type macvlan macaddr set 02:00:00:00:00:09 02:00:00:00:00:00:09 #? err
ip link set m1 type macvlan macaddr set 02:00:00:00:00:09 1.2.3.4 #? err
ip link set m1 type macvlan macaddr set 02:00:00:00:00:09 500 #? err
ip link set m1 type macvlan macaddr set bcqueuelen 9 #? ok
ip -d -j link show m1 #? link
ip link set m1 type macvlan macaddr add bcqueuelen 9 #? err
