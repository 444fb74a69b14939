# Policy routing: rules of both families made, asked and removed; a host on two networks that answers from each by its own way.
r() { echo "\$ ip $*"; ip "$@"; echo "rc $?"; }
ip link set lo up
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:f1
ip link set p0 up; ip link set p1 up
ip addr add 10.0.0.1/24 dev p0
ip addr add 10.0.1.1/24 dev p1
ip route add default via 10.0.0.254
ip route add default via 10.0.1.254 table 7
ip route add 10.0.1.0/24 dev p1 table 7
ip route add throw 10.44.0.0/16 table 7
r rule add from 10.0.1.1 table 7
r rule add from 10.0.1.1 table 7
r rule
r route get 8.8.8.8
r route get 8.8.8.8 from 10.0.1.1
r route get 10.44.0.1 from 10.0.1.1
r route get 10.0.0.1
r route get 10.0.0.1 from 10.0.1.1
r rule add to 9.0.0.0/8 prohibit
r rule add to 9.1.0.0/16 blackhole pref 100
r rule add to 9.2.0.0/16 unreachable pref 101
r rule add to 9.3.0.0/16 goto 32766 pref 102
r rule add to 9.4.0.0/16 nop pref 103
r rule add to 9.5.0.0/16 goto 50000 pref 104
r rule add to 9.6.0.0/16 goto 50 pref 105
r route get 9.0.0.1
r route get 9.1.0.1
r route get 9.2.0.1
r route get 9.3.0.1
r route get 9.4.0.1
r route get 9.5.0.1
r rule add iif p1 table 7 pref 200
r rule add iif nope table 7 pref 201
r rule add oif p1 table 7 pref 202
r rule add iif lo to 77.0.0.0/8 table 7 pref 203
r route get 77.1.1.1
r route get 8.8.4.4 oif p1
r rule add not from 10.0.1.0/24 to 66.0.0.0/8 table 7 pref 210
r route get 66.1.1.1
r route get 66.1.1.1 from 10.0.1.1
r rule add tos 0x10 table 7 pref 220
r route get 8.8.8.9 tos 0x10
r rule add tos 0x3 table 7
r rule add table main suppress_prefixlength 0 pref 230
r rule add table 7 pref 231
r route get 55.5.5.5
r route get 10.0.0.77
r rule add table main suppress_ifgroup 5 pref 229
r rule add uidrange 0-10 to 91.0.0.0/8 table 7 pref 240
r rule add uidrange 5-10 to 92.0.0.0/8 table 7 pref 241
r route get 91.1.1.1
r route get 92.1.1.1
r rule add from 10.9.9.9 pref 300 proto static realms 3/4 table 300
r rule add from 10.9.9.8 pref 300 table 301
r rule add table 0
r -d rule
r -j rule
r rule del pref 999
r rule del from 10.9.9.8
r rule del pref 300
r rule del from 1.2.3.4 table 7
r rule show table 7
ip link add nope type veth peer name nope2
r rule show
ip link set nope name yep
r rule show
ip link del yep
r rule show
r rule del table 7
r rule flush
r rule
r rule add table main
r rule
r rule add from 10.0.0.0/8 table 9
r rule add pref 40000 table main
r rule
r route get 10.0.0.1
# A host with a macvlan on each of two networks, and a stranger who knows one way to each.
for n in host left right; do ip netns add $n; done
ip link add l0 address 02:00:00:00:01:00 type veth peer name l1 address 02:00:00:00:01:01
ip link add r0 address 02:00:00:00:02:00 type veth peer name r1 address 02:00:00:00:02:01
for d in l0 r0; do ip link set $d up; done
ip link set l1 netns left; ip link set r1 netns right
ip link add link l0 name m0 netns host address 02:00:00:00:01:0a type macvlan mode bridge
ip link add link r0 name m1 netns host address 02:00:00:00:02:0a type macvlan mode bridge
for n in host left right; do ip -n $n link set lo up; done
ip -n left addr add 10.1.0.1/24 dev l1; ip -n left link set l1 up; ip -n left addr add 172.16.0.1/32 dev lo
ip -n right addr add 10.2.0.1/24 dev r1; ip -n right link set r1 up; ip -n right addr add 172.16.0.2/32 dev lo
ip -n host addr add 10.1.0.2/24 dev m0; ip -n host link set m0 up
ip -n host addr add 10.2.0.2/24 dev m1; ip -n host link set m1 up
ip -n host route add default via 10.1.0.1
ip -n host route add default via 10.2.0.1 dev m1 table 2
ip netns exec host sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.m1.rp_filter=1 net.ipv4.conf.m0.rp_filter=1
p() { ip netns exec $1 ping -n -c 1 -W 1 $2 $3 $4 | grep -v rtt | sed 's/time=.*//; s/time [0-9]*ms//'; }
p right 10.2.0.2 -I 172.16.0.2
ip -n host rule add from 10.2.0.2 table 2
ip -n host rule add iif m1 table 2
p right 10.2.0.2 -I 172.16.0.2
p host 172.16.0.2 -I 10.2.0.2
p host 172.16.0.2
p host 172.16.0.1
ip netns exec host ip rule
ip -n host route get 172.16.0.9 from 10.2.0.2
ip -n host route get 10.2.0.2 from 172.16.0.2 iif m1
# Who listens hears of it.
ip -ts monitor rule > heard & monitor=$!
listening 1
ip rule add from 9.9.9.9 table 99 pref 5; ip rule del pref 5; ip -6 rule add from fd00::/8 table 98; ip -6 rule del table 98
drained
kill $monitor; wait $monitor 2> /dev/null
sed 's/^\[[^]]*\]//' heard
