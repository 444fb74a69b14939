# rename while up, swapped names, altnames, groups, aliases
# group: 7
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 index 20 address 02:00:00:00:00:f0 type veth peer name p1 index 21 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add link p0 name m1 address 02:00:00:00:00:0a type macvlan mode bridge
ip link add link p0 name m2 address 02:00:00:00:00:0b type macvlan mode bridge
ip link set m1 up
ip link set m1 name m9 #? rc
ip -j link show m9 #? link
ip link set m2 name m9 #? err
ip link set m9 name m1 #? ok
ip link set m1 name tmp && ip link set m2 name m1 && ip link set tmp name m2 #? ok
ip -j link show m1 #? link
ip -j link show m2 #? link
ip link set p0 name nic0 #? ok
ip -j link show m2 #? link
ip link set nic0 name "a b" #? err
ip link set nic0 name averyveryverylongname #? err
ip link set nic0 name p0 #? ok
ip link property add dev m1 altname first altname second #? ok
ip link property add dev m2 altname first #? err
ip link show first #? text
ip link set second mtu 1400 #? ok
ip link property del dev m1 altname nosuch #? err
ip link property del dev m1 altname first #? ok
ip -j link show m1 #? link
ip link set m1 alias "one two" #? ok
ip link show m1 #? text
ip link set m1 alias "" #? ok
ip link show m1 #? text
ip link set m1 group 5 #? ok
ip link show group 5 #? text
ip link set group 5 down #? ok
ip link set group 5 mtu 1300 #? ok
ip link show m1 #? text
ip link del group 5 #? ok
ip link show m1 #? err
ip link set m2 group nosuch #? err
ip link set m2 txqueuelen 0 #? ok
ip link set m2 address 02:00:00:00:00:f0 #? rc
ip link set m2 address 02:00:00 #? err
ip link set m2 broadcast 02:00:00:00:00:ff #? ok
ip link show m2 #? text
