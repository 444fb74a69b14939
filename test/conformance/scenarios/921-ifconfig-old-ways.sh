# ifconfig on macvlans: addresses, aliases, MTU, MAC, flags, errors
# group: 7
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 index 20 address 02:00:00:00:00:f0 type veth peer name p1 index 21 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add link p0 name m1 address 02:00:00:00:00:0a type macvlan mode bridge
ifconfig m1 192.168.0.11 #? ok
ip -j addr show m1 #? addr
ifconfig m1 netmask 255.255.0.0 #? ok
ip -j addr show m1 #? addr
ifconfig m1:1 10.0.0.1/8 up #? ok
ip -j addr show m1 #? addr
ifconfig m1:1 down #? ok
ip -j addr show m1 #? addr
ifconfig m1 mtu 1400 #? ok
ifconfig m1 mtu 1600 #? rc
ifconfig m1 hw ether 02:00:00:00:00:0b #? ok
ifconfig m1 hw ether 02:00:00:00:00:f0 #? rc
ifconfig m1 promisc #? ok
ifconfig m1 -promisc #? ok
ifconfig m1 allmulti #? ok
ifconfig m1 -arp #? ok
ip -j link show m1 #? link
ifconfig m1 arp -allmulti #? ok
ifconfig m1 txqueuelen 5 #? ok
ifconfig m1 broadcast 192.168.255.254 #? ok
ifconfig m1 add 10.1.0.1 #? rc
ifconfig m1 pointopoint 10.0.0.2 #? rc
ifconfig m1 0.0.0.0 #? ok
ip -j addr show m1 #? addr
ifconfig m1 down #? ok
ifconfig nosuch #? rc
ifconfig nosuch up #? rc
ifconfig m1 10.0.0.300 #? rc
ifconfig m1 frob #? rc
ip -j addr show m1 #? addr
