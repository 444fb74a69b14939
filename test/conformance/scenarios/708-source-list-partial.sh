# source lists: partial effects, order in a bucket, several devices
# group: 5
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add link p0 name m1 address 02:00:00:00:00:0a type macvlan mode source macaddr add 02:00:00:00:00:01
ip link add link p0 name m2 address 02:00:00:00:00:0b type macvlan mode source macaddr add 02:00:00:00:00:01
ip -d -j link show type macvlan #? link
ip link set m1 type macvlan macaddr del 02:00:00:00:00:01 #? ok
ip -d -j link show type macvlan #? link
ip link set m1 type macvlan macaddr set 02:00:00:00:00:01 02:00:00:00:00:01 02:00:00:00:00:01 #? ok
ip -d -j link show m1 #? link
ip link set m1 type macvlan macaddr add ff:ff:ff:ff:ff:ff #? err
ip link set m1 type macvlan macaddr add 00:00:00:00:00:00 #? err
ip link set m1 type macvlan macaddr add 02:00:00:00:00:0a #? ok its own
ip link set m1 type macvlan macaddr add 02:00:00:00:00:f0 #? ok its parent's
ip -d -j link show m1 #? link
ip link set m1 type macvlan macaddr set 02:11:22:33:44:01 02:11:22:33:44:02 02:11:22:33:44:03 02:11:22:33:44:04 02:11:22:33:44:05 02:11:22:33:44:06 02:11:22:33:44:07 02:11:22:33:44:08 02:11:22:33:44:09 02:11:22:33:44:0a 02:11:22:33:44:0b 02:11:22:33:44:0c #? ok
ip -d -j link show m1 #? link
ip link set m1 up
ip -d -j link show m1 #? link
ip netns add a
ip link set m1 netns a
ip -n a -d -j link show m1 #? link
ip -n a link set m1 type macvlan mode vepa #? ok
ip -n a link set m1 type macvlan mode source #? ok
ip -n a -d -j link show m1 #? link
ip link set m2 type macvlan macaddr flush #? ok
ip -d -j link show m2 #? link
ip link add link p0 name m3 type macvlan mode source macaddr flush #? ok
ip link add link p0 name m4 type macvlan mode source macaddr set #? ok
ip link add link p0 name m5 type macvlan mode source macaddr set 02:00:00:00:00:01 mode bridge #? err
ip link show m5 #? err
