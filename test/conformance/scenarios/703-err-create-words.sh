# creating a macvlan: words that are wrong
# group: 4
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add link p0 name m1 type macvlan mode #? err
ip link add link p0 name m1 type macvlan mode foo #? err
ip link add link p0 name m1 type macvlan mode bridge frob #? err
ip link add link p0 name m1 type macvlan flag foo #? err
ip link add link p0 name m1 type macvlan mode bridge flag nopromisc #? err
ip link add link p0 name m1 type macvlan mode bridge nopromisc #? err
ip link add link p0 name m1 type macvlan mode passthru flag nopromisc nopromisc #? ok
ip -d -j link show m1 #? link
ip link del m1
ip link add link p0 name m1 type macvlan mode bridge macaddr add 02:00:00:00:00:01 #? err
ip link add link p0 name m1 type macvlan macaddr add 02:00:00:00:00:01 #? err
ip link add link p0 name m1 type macvlan mode source macaddr add #? err
ip link add link p0 name m1 type macvlan mode source macaddr del 02:00:00:00:00:01 #? ok
ip link del m1 #? ok
ip link add link p0 name m1 type macvlan help #? err
ip link add type macvlan help #? err
ip link help macvlan #? err
ip link help macvtap #? err
ip link add link p0 name m1 type macvlann #? err
ip link add link p0 name m1 type #? err
ip link add link p0 name m1 mtu 67 type macvlan #? err
ip link add link p0 name m1 mtu 65536 type macvlan #? err
ip link add link p0 name m1 mtu 1501 type macvlan #? err
ip link add link p0 name m1 mtu 0 type macvlan #? err
ip link add link p0 name m1 numtxqueues 0 type macvlan #? err
ip link add link p0 name m1 numtxqueues 5000 type macvlan #? err
ip link add link p0 name m1 numrxqueues 5000 type macvlan #? err
ip link add link p0 name m1 txqueuelen -1 type macvlan #? err
ip link add link p0 name averyveryverylongname type macvlan #? err
ip link add link p0 name m/1 type macvlan #? err
ip link add link p0 name "m 1" type macvlan #? err
ip link add link p0 name . type macvlan #? err
ip link add link p0 name "" type macvlan #? err
ip link add link p0 index 0 name m1 type macvlan #? err
ip link add link p0 index -1 name m1 type macvlan #? err
ip link add link p0 index 1 name m1 type macvlan #? err lo has it
ip link add link p0 index 77 name m1 address 02:00:00:00:00:0a type macvlan #? ok
ip link add link p0 name m1 name m2 type macvlan #? err
ip link add link p0 link p1 name m2 type macvlan #? err
ip link add link p0 name m2 address 02:00:00:00:00:0a address 02:00:00:00:00:0b type macvlan #? err
ip link add link p0 name m2 master nope type macvlan #? err
ip link add link p0 address 02:00:00:00:00:0b type macvlan mode bridge #? ok
ip link add link p0 address 02:00:00:00:00:0c type macvlan mode bridge #? ok
ip link add link p0 address 02:00:00:00:00:0d name mv%d type macvlan mode bridge #? ok
ip -j link show type macvlan #? link
