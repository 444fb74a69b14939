# macvtap and macvlan on one parent: queue length, modes, refusals
# group: 4
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add link p0 name t1 address 02:00:00:00:00:0a type macvtap mode bridge #? ok
ip link add link p0 name m1 address 02:00:00:00:00:0b type macvlan mode bridge #? ok
ip link add link p0 name m2 type macvlan mode passthru #? err
ip link add link p0 name t2 type macvtap mode passthru #? err
ip -d -j link show t1 #? link
ip link set t1 up #? ok
ip link set t1 type macvlan mode vepa #? err
ip link set t1 type macvtap mode vepa #? ok
ip -d -j link show t1 #? link
ip link set t1 type macvtap mode source macaddr add 02:00:00:00:00:01 #? ok
ip -d -j link show t1 #? link
ip link add link t1 name m3 address 02:00:00:00:00:0c type macvlan #? ok
ip -j link show m3 #? link
ip -j link show type macvtap #? link
ip link del t1
ip link del m1
ip link del m3
ip link add link p0 name t3 type macvtap mode passthru #? ok
ip link add link p0 name m4 type macvlan #? err
ip link set t3 up
ip -d -j link show p0 #? link
ip link add link p0 type macvtap mode bridge #? err
ip link del t3
ip link add link p0 address 02:00:00:00:00:0d type macvtap mode bridge #? ok
ip link add link p0 address 02:00:00:00:00:0e type macvtap mode bridge #? ok
ip -j link show type macvtap #? link
