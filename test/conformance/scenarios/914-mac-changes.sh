# MAC addresses of the NIC and of macvlans, down, up, taken and given back
# group: 7
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 index 20 address 02:00:00:00:00:f0 type veth peer name p1 index 21 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add link p0 name m1 address 02:00:00:00:00:0a type macvlan mode bridge
ip link add link p0 name m2 address 02:00:00:00:00:0a type macvlan mode bridge #? ok
ip link set m1 up #? ok
ip link set m2 up #? err
ip link set m2 address 02:00:00:00:00:0b #? ok
ip link set m2 up #? ok
ip link set m2 address 02:00:00:00:00:0a #? err
ip link set m2 address 02:00:00:00:00:f0 #? err
ip link set m2 address 01:00:00:00:00:0a #? err
ip link set m2 address 02:00:00:00:00:0b #? ok
bridge fdb show dev p0 | grep -v 33:33 #? text
ip link set m2 address 02:00:00:00:00:0c #? ok
bridge fdb show dev p0 | grep -v 33:33 #? text
ip link set p0 address 02:00:00:00:00:0c #? ok
ip link set m2 down
ip link set m2 up #? err
bridge fdb show dev p0 | grep -v 33:33 #? text
ip link set p0 address 02:00:00:00:00:f0 #? ok
ip link set m2 up #? ok
ip link set m1 down
ip link set m1 address 02:00:00:00:00:0c #? err
ip link set m1 address ff:ff:ff:ff:ff:ff #? err
ip link del m1
ip link del m2
bridge fdb show dev p0 | grep -v 33:33 #? text
ip link add link p0 name t1 address 02:00:00:00:00:1a type macvlan mode passthru #? ok
ip link set t1 up
ip link set p0 address 02:00:00:00:00:f1 #? ok
ip -j link show t1 #? link
ip link set t1 address 02:00:00:00:00:f2 #? ok
ip -j link show p0 #? link
ip link set t1 down
ip link del t1
ip -j -d link show p0 #? link
