# ip addr text: labels, peers, broadcast, scopes, secondaries, lifetimes
# group: 12
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 index 20 address 02:00:00:00:00:f0 type veth peer name p1 index 21 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add link p0 name m1 index 30 address 02:00:00:00:00:0a type macvlan mode bridge
ip addr add 192.168.0.11/24 dev m1
ip addr add 192.168.0.12/24 brd + dev m1 label m1:1
ip addr add 192.168.0.13/24 broadcast 192.168.0.250 dev m1
ip addr add 10.0.0.1 peer 10.0.0.2 dev m1
ip addr add 10.1.0.1 peer 10.2.0.0/16 dev m1
ip addr add 10.3.0.1/8 scope link dev m1
ip addr add 10.4.0.1/32 scope host dev m1
ip addr add 169.254.3.4/16 brd - dev m1 #? ok
ip addr add 172.16.0.1/31 brd + dev m1 #? ok
ip addr add 172.17.0.1/30 brd + dev m1 metric 50 #? ok
ip addr add 172.18.0.1/24 dev m1 noprefixroute #? ok
ip addr show m1 #? text
ip -o addr show m1 #? text
ip -br addr show m1 #? text
ip -br addr #? text
ip -4 addr show #? text
ip -4 -o addr #? text
ip addr show m1 label m1:1 #? text
ip addr show to 10.0.0.0/8 #? text
ip addr show to 192.168.0.12 #? text
ip addr show secondary #? text
ip addr show primary dev m1 #? text
ip addr show scope link #? text
ip addr show up #? text
ip addr show permanent dev m1 #? text
ip addr show dynamic #? text
ip link set m1 up
sleep 1
ip addr show dev m1 #? text
ip route #? text
ip route show table local #? text
ip -j addr show m1 #? addr
ip addr del 192.168.0.12/24 dev m1 #? ok
ip addr add 192.168.0.13/24 dev m1 #? err
ip addr replace 192.168.0.13/24 dev m1 #? ok
ip addr change 192.168.0.14/24 dev m1 #? ok
ip addr del 192.168.0.99/24 dev m1 #? err
ip addr del 192.168.0.11 dev m1 #? rc
ip addr flush dev m1 scope link #? ok
ip addr show dev m1 #? text
ip addr flush dev m1 #? ok
ip addr show dev m1 #? text
ip addr flush dev nope #? err
ip addr flush #? err
ip addr show nope #? err
ip addr add dev m1 #? err
ip addr add 10.0.0.1/24 #? err
ip addr add 10.0.0.1/33 dev m1 #? err
ip addr add 10.0.0.256/24 dev m1 #? err
ip addr add foo dev m1 #? err
ip addr add 10.0.0.1/24 dev nope #? err
ip addr add 10.0.0.1/24 dev m1 label other:1 #? err
ip addr add 10.0.0.1/24 dev m1 label m1:waytoolongforalabel #? err
ip addr add 10.0.0.1/24 dev m1 scope frob #? err
ip addr add 10.0.0.1/24 dev m1 brd 1.2.3 #? rc
ip addr add 0.0.0.0/0 dev m1 #? rc
ip addr add 224.0.0.5/24 dev m1 #? rc
ip addr add 10.0.0.1/24 dev m1 valid_lft 0 #? err
ip addr add 10.0.0.1/24 dev m1 valid_lft 10 preferred_lft 20 #? err
ip addr add 10.0.0.1/24 dev m1 frob #? err
ip a d 10.0.0.1/24 dev m1 #? rc
ip addr delete #? err
