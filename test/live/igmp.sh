# Who asks in which version of IGMP is answered in it: queries of versions 3, 2 and 1, a join and a leave under each.
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:f1
ip netns add peer; ip link set p1 netns peer; ip -n peer link set p1 up; ip link set p0 up
ip link add link p0 name m0 address 02:00:00:00:00:01 type macvlan mode bridge; ip link set m0 up
ip addr add 10.0.0.1/24 dev m0
ip addr add 239.1.1.1/32 dev m0 autojoin
ip addr add 239.1.1.2/32 dev m0 autojoin
sleep 3
send() { if [ -n "$(command -v python3)" ]; then ip netns exec peer python3 -c 'import socket, sys; s = socket.socket(17, 3); s.bind(("p1", 0)); s.send(bytes.fromhex(sys.argv[1]))' $1; else ip netns exec peer frame p1 $1; fi; }
q() { # what the peer asks, and what it hears while it waits
  echo "== $1"
  ip netns exec peer timeout ${4:-4} tcpdump -Q in -n -e -v -i p1 igmp > heard 2>/dev/null &
  sniffing peer
  [ -z "$2" ] || send $2
  [ -z "$3" ] || eval "$3"
  wait
  grep -o '02:00:00:00:00:01 > .*\|10.0.0.1 > .*' heard | sed 's/, id [0-9]*//; s/ttl 1, //' | sort | uniq -c
}
q 'version 3, all groups' 01005e0000010200000000f1080046c00024000040000102f9140a0000fee000000194040000110aec7800000000027d000000000000000000000000
q 'version 3, one group' 01005e0101010200000000f1080046c00024000040000102e9130a0000feef01010194040000110afc75ef010101027d000000000000000000000000
q 'a join and a leave' '' 'ip addr add 239.1.1.3/32 dev m0 autojoin; sleep 2.2; ip addr del 239.1.1.3/32 dev m0' 6
q 'version 2, all groups' 01005e0000010200000000f1080046c00020000040000102f9180a0000fee000000194040000110aeef5000000000000000000000000000000000000
q 'version 2, one group' 01005e0101010200000000f1080046c00020000040000102e9170a0000feef01010194040000110afef2ef0101010000000000000000000000000000
q 'version 3 beside version 2' 01005e0000010200000000f1080046c00024000040000102f9140a0000fee000000194040000110aec7800000000027d000000000000000000000000
q 'a leave after version 2' '' 'ip addr del 239.1.1.2/32 dev m0'
ip addr add 239.1.1.1/24 dev m0 autojoin; ip addr add 239.1.1.1/24 dev m0; ip maddr show dev m0
ip addr del 239.1.1.1/32 dev m0; ip addr show dev m0; ip maddr show dev m0
ip addr add 10.0.0.9/24 dev m0 autojoin; ip addr flush dev m0; ip maddr show dev m0
