# texts of ip -d link, -s, -o, -br for macvlans, macvtap, bridges and their ports
# group: 12
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 index 20 address 02:00:00:00:00:f0 type veth peer name p1 index 21 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add br0 index 25 address 02:00:00:00:00:b0 type bridge
ip link add link p0 name m1 index 30 address 02:00:00:00:00:0a type macvlan mode bridge
ip link add link p0 name m2 index 31 address 02:00:00:00:00:0b type macvlan mode source macaddr add 02:00:00:00:00:01
ip link add link p1 name m3 index 32 address 02:00:00:00:00:0c type macvlan mode passthru nopromisc
ip link add link p0 name t1 index 33 address 02:00:00:00:00:0d type macvtap mode private
ip link set m2 type macvlan flag nodst
ip link set m1 master br0
ip link set m1 type macvlan bcqueuelen 5
ip link set m2 up
ip -d link show m1 #? text
ip -d link show m2 #? text
ip -d link show m3 #? text
ip -d link show t1 #? text
ip -d link show p0 #? text
ip -br link #? text
ip -o link show m1 #? text
ip -o -d link show m3 #? text
ip -s link show m1 #? text
ip -s -s link show m1 #? text
ip -d -s link show t1 #? text
ip link show type macvlan #? text
ip link show type macvtap #? text
ip link show master br0 #? text
ip -j -p link show m1 #? text
ip -j -d link show m3 #? link
ip link show type bridge_slave #? text
ip -br -4 addr #? text
ip -4 link #? rc
ip -d -o link show type macvlan #? text
ip link show dev m1 type macvtap #? rc
ip -V #? rc
ip -h -s link show m1 #? text
ip -iec -s link show m1 #? text
ip -t link show m1 #? rc
ip -c=never link show m1 #? text
ip -N link show m1 #? text
