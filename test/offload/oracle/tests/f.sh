. /t/lib.sh
for k in llc stp bridge garp mrp 8021q tap macvtap sch_ingress cls_matchall act_gact; do insmod /mod/$k.ko; done
setup() { # offload mode params...: net0 and net1 with a macvlan each, the host, a peer
  local off=$1 mode=$2; shift 2; ip netns del net2 2>/dev/null; fresh "$@"; ip netns add net0; ip netns add net1; ip netns add peer
  ip link set port1 netns peer; ip -n peer link set port1 up; ip -n peer addr add 10.0.0.2/24 dev port1
  ip addr add 10.0.0.1/24 dev port0; ip link set port0 up; [ $off = on ] && ethtool -K port0 l2-fwd-offload on
  for i in 0 1; do ip link add mv$i link port0 address 02:00:00:00:00:a$i type macvlan mode $mode; ip link set mv$i netns net$i; ip -n net$i addr add 10.0.0.1$i/24 dev mv$i; ip -n net$i link set mv$i up; done
  sleep 0.1; echo 1 > $D/reset; }
L2="mv0=net0,mv0 mv1=net1,mv1 host=-,port0 peer=peer,port1"
m() { echo "who hears whom: $*"; otool l2matrix 1 $L2 | grep -vE 'UNKNOWN'; }
uc() { bridge fdb show dev port0 | grep -o '^02:00[^ ]*' | sed 's/^/fdb /'; }

case_ F1 switched off and on with two stations, one macvlan down and up in between
setup on bridge; st; run ethtool -K port0 l2-fwd-offload off; log; st; run ip -n net1 link set mv1 down; log; run ip -n net1 link set mv1 up; log; st; run ethtool -K port0 l2-fwd-offload on; log; st; run ip -n net1 link set mv1 down; run ip -n net1 link set mv1 up; log; st; m
for from in private vepa bridge; do for h in veb vepa; do
case_ F2 $from, hwmode $h: the mode changes with the stations there
setup on $from; bridge link set dev port0 hwmode $h
for to in private vepa bridge; do [ $to = $from ] && continue; run ip -n net0 link set mv0 type macvlan mode $to; log; m mv0 $to, mv1 $from; run ip -n net1 link set mv1 type macvlan mode $to; log; m both $to; ip -n net0 link set mv0 type macvlan mode $from; ip -n net1 link set mv1 type macvlan mode $from; done; st
done; done
for h in veb vepa; do
case_ F3 hwmode $h: another MAC for a macvlan, then for the port, with stations there
setup on bridge; bridge link set dev port0 hwmode $h; log; run ip -n net0 link set mv0 address 02:00:00:00:00:ee; log; st; m; run ip link set port0 address 02:00:00:00:00:dd; log; st; m; run ip -n net0 link set mv0 down; log; run ip -n net0 link set mv0 up; log; st; m
done
case_ F3b another MAC, then the feature goes: the address twice
setup on bridge; run ip -n net0 link set mv0 address 02:00:00:00:00:ee; log; st; run ethtool -K port0 l2-fwd-offload off; log; st; run ip -n net0 link set mv0 down; log; st; uc; run ip -n net0 link del mv0; log; st; uc
case_ F3c another MAC while down, and the first one for another macvlan
setup on bridge; run ip -n net0 link set mv0 down; log; run ip -n net0 link set mv0 address 02:00:00:00:00:ee; log; run ip -n net1 link set mv1 address 02:00:00:00:00:a0; log; st; run ip -n net0 link set mv0 up; log; st; m
case_ F3d another MAC, and another macvlan takes the one that the station still filters
setup on bridge; run ip -n net0 link set mv0 address 02:00:00:00:00:ee; log; run ip -n net1 link set mv1 down; log; run ip -n net1 link set mv1 address 02:00:00:00:00:a0; run ip -n net1 link set mv1 up; log; st
case_ F4 an offloaded macvlan goes to another namespace and back
setup on private; ip netns add net2; run ip -n net0 link set mv0 netns net2; log; st; uc; run ip -n net2 link set mv0 up; log; st; L2="mv0=net2,mv0 mv1=net1,mv1 host=-,port0 peer=peer,port1"; m; run ip -n net2 link set mv0 netns net0; log; run ip -n net0 link set mv0 up; log; st; L2="mv0=net0,mv0 mv1=net1,mv1 host=-,port0 peer=peer,port1"; m; ip netns del net2
for o in on off; do
case_ F5 offload $o: the port down and up, a macvlan deleted while it is down
setup $o vepa; m; run ip link set port0 down; log; st; run ip -n net0 link set mv0 down; log; run ip -n net0 link set mv0 up; log; st; run ip link set port0 up; log; st; sleep 0.1; m; run ip link set port0 down; run ip -n net1 link del mv1; log; run ip link set port0 up; log; st; L2="mv0=net0,mv0 host=-,port0 peer=peer,port1"; sleep 0.1; m; L2="mv0=net0,mv0 mv1=net1,mv1 host=-,port0 peer=peer,port1"
done
case_ F6 MTU
setup on bridge; run ip -n net0 link set mv0 mtu 1600; run ip link set port0 mtu 9000; log; run ip -n net0 link set mv0 mtu 8000; log; run ip link set port0 mtu 4000; log; run ip -n net0 -o link show mv0 | grep -o 'mtu [0-9]*'; run ip -n net1 -o link show mv1 | grep -o 'mtu [0-9]*'; st; run ip link set port0 mtu 9001; run ip -n net0 link set mv0 mtu 9001; m
case_ F7 two macvlans and one station
setup on vepa nstations=1; st; uc; m; run ip -n net0 link set mv0 down; log; st; run ip -n net1 link set mv1 down; run ip -n net1 link set mv1 up; log; run ip -n net0 link set mv0 up; log; st; uc; m; run ip -n net1 link del mv1; log; st
for h in veb vepa; do for o in on off; do
case_ F8 source mode, offload $o, hwmode $h
setup $o source; bridge link set dev port0 hwmode $h; log; st; m no list; run ip -n net0 link set mv0 type macvlan macaddr add 02:4c:32:00:00:01; run ip -n net1 link set mv1 type macvlan macaddr add 02:00:00:00:00:a0; m mv0 hears the peer, mv1 hears mv0; run ip -n net0 link set mv0 type macvlan mode bridge; m mv0 bridge, not a station; run ip -n net0 link set mv0 down; run ip -n net0 link set mv0 up; log; m mv0 bridge; run ip -n net0 link set mv0 type macvlan mode source; m mv0 source again; st
case_ F8b passthru, offload $o, hwmode $h
setup $o bridge; bridge link set dev port0 hwmode $h; ip -n net0 link del mv0; ip -n net1 link del mv1; log; run ip link add mv0 link port0 type macvlan mode passthru; run ip link set mv0 netns net0; run ip -n net0 link set mv0 up; log; st; L2="mv0=net0,mv0 host=-,port0 peer=peer,port1"; m; run ip -n net0 link set mv0 type macvlan mode bridge; run ip link add mv1 link port0 type macvlan mode bridge; run ip -n net0 link set mv0 address 02:00:00:00:00:ee; log; st; m; run ip -n net0 link del mv0; log; st; L2="mv0=net0,mv0 mv1=net1,mv1 host=-,port0 peer=peer,port1"
done; done
for h in veb vepa; do
case_ F9 macvtap beside a macvlan, hwmode $h
setup on vepa; bridge link set dev port0 hwmode $h; ip -n net0 link del mv0; ip link add mv0 link port0 address 02:00:00:00:00:c0 type macvtap mode bridge; ip link set mv0 netns net0; log; run ip -n net0 link set mv0 up; log; st; m; run ip -n net0 link set mv0 type macvtap mode private; log; m; run nx net0 tc qdisc replace dev mv0 root pfifo limit 7; nx net0 tc qdisc show dev mv0; run ip -n net0 link set mv0 down; log; run ip -n net0 link set mv0 up; log; nx net0 tc qdisc show dev mv0
done
for o in on off; do
case_ F10 a macvlan on a VLAN device beside one on the port, offload $o
setup $o bridge; ip link add link port0 name port0.5 type vlan id 5; ip link set port0.5 up; ip -n peer link add link port1 name p.5 type vlan id 5; ip -n peer link set p.5 up; log; run ip link add mvv link port0.5 address 02:00:00:00:00:a5 type macvlan mode bridge; run ip link set mvv netns net0; run ip -n net0 link set mvv up; log; st; uc; L2="mv0=net0,mv0 mvv=net0,mvv mv1=net1,mv1 host5=-,port0.5 host=-,port0 peer5=peer,p.5 peer=peer,port1"; m; run ip -n net0 link set mvv address 02:00:00:00:00:a0; log; st; run ip -n net0 link set mv0 down; log; st; ip link del port0.5; log; st; L2="mv0=net0,mv0 mv1=net1,mv1 host=-,port0 peer=peer,port1"
done
case_ F11 the switch changes its mode under load
setup on vepa; ip -n net0 neigh replace 10.0.0.11 lladdr 02:00:00:00:00:a1 dev mv0 nud permanent; got() { nx net1 otool urecv 9000 1 > /tmp/r & sleep 0.2; nx net0 otool flood 10.0.0.11 9000 200 0.5 s > /tmp/fo; wait; grep -q ' n=0 ' /tmp/r && echo "$1: none" || echo "$1: some"; }
got veb; run bridge link set dev port0 hwmode vepa; log; got vepa; run bridge link set dev port0 hwmode veb; log; got veb
nx net1 otool urecv 9000 3 > /tmp/r & sleep 0.2; nx net0 otool flood 10.0.0.11 9000 200 2 s > /tmp/fo & sleep 0.7; run bridge link set dev port0 hwmode vepa; sleep 0.7; run bridge link set dev port0 hwmode veb; wait; log; set -- $(cat /tmp/fo) $(cat /tmp/r); eval "calls=${2#*=} ok=${3#*=}"; echo "all sent: $([ $calls = $ok ] && echo yes)"; run bridge link set dev port0 hwmode bogus; bridge link show dev port0 | grep -o 'hwmode [A-Z]*'
case_ F12 fq_codel on an offloaded macvlan
setup on bridge; run nx net0 tc qdisc add dev mv0 root fq_codel; nx net0 tc qdisc show dev mv0 | cut -c1-30; tc qdisc show dev port0 | grep -c fq_codel; m; run ethtool -K port0 l2-fwd-offload off; log; nx net0 tc qdisc show dev mv0 | cut -c1-30; run ip -n net0 link set mv0 down; run ip -n net0 link set mv0 up; nx net0 tc qdisc show dev mv0 | cut -c1-30; run nx net0 tc qdisc del dev mv0 root; nx net0 tc qdisc show dev mv0; run nx net0 tc qdisc del dev mv0 root; run nx net0 tc qdisc add dev mv0 parent :1 pfifo; run nx net0 tc qdisc add dev mv0 root mq
case_ F13 traffic classes of the queues of the port and of a macvlan
setup on bridge; for q in 0 3 4 5 6 8 15; do echo "tx-$q $(cat /sys/class/net/port0/queues/tx-$q/traffic_class 2>/dev/null || echo refused)"; done; for q in 8 15 4; do echo 1 > /sys/class/net/port0/queues/tx-$q/xps_cpus 2>/dev/null && echo "xps of tx-$q: taken" || echo "xps of tx-$q: refused"; done; nx net0 sh -c 'cat /sys/class/net/mv0/queues/tx-0/traffic_class 2>/dev/null || echo refused; cat /sys/class/net/mv0/queues/tx-0/xps_cpus 2>/dev/null || echo refused'
case_ F14 byte queue limits through sysfs
setup on bridge; B=/sys/class/net/port0/queues/tx-4/byte_queue_limits; w() { echo "$1 > $2: $(sh -c "echo $1 > $B/$2" 2>&1 | sed 's/.*: //')$(cat $B/$2)"; }
for f in limit_min limit_max hold_time inflight; do echo "$f $(cat $B/$f)"; done
w 3000 limit_max; w max limit_max; w 99999999999 limit_max; w -1 limit_max; w abc limit_max; w 1879048193 limit_max; w 2000 limit_min; w max limit_min; w 0 limit_min; w 5000 limit; w 2000 hold_time; w -5 hold_time; w 7 inflight; w 010 limit_min; w 0x20 limit_min; w "' 12'" limit_min; w '12x' limit_min; w "''" limit_min; w 0 limit_min
case_ F15 a station stopped by its ring: down and up, the feature off, and the port down and up, in a flood
for how in "ip -n net0 link set mv0 down;ip -n net0 link set mv0 up" "ethtool -K port0 l2-fwd-offload off" "ip link set port0 down;ip link set port0 up" "ip -n net0 link set mv0 mtu 1400"; do
setup on bridge ring_on_vdev=1 ring=16; ip -n net0 neigh replace 10.0.0.2 lladdr 02:4c:32:00:00:01 dev mv0 nud permanent; echo 10000 > $PRM/rate_kbps
nx net0 otool flood 10.0.0.2 9000 1000 1 "" > /tmp/fo & sleep 0.4; echo "$how" | tr ';' '\n' > /tmp/how.sh; . /tmp/how.sh; wait; ip -n net0 neigh replace 10.0.0.2 lladdr 02:4c:32:00:00:01 dev mv0 nud permanent; sleep 0.2; echo "$how: $(nx net0 otool flood 10.0.0.2 9000 1000 0.5 s | grep -o ' [A-Z]*=' | tr '\n' ' ')"; grep station $D/state | sed 's/ rx .*//;s/^/  # /'
done
case_ F16 addresses that a macvlan asks for beside its own
setup on bridge; run bridge fdb add 02:00:00:00:00:cc dev port0 self; log; run bridge fdb add 02:00:00:00:00:a1 dev port0 self; log; st; m; run ip -n net1 link set mv1 down; log; st; run ip -n net1 link set mv1 up; log; st; run bridge fdb del 02:00:00:00:00:cc dev port0 self; log; st; run nx net0 bridge fdb add 02:00:00:00:00:cd dev mv0 self; log; st; run ip -n net0 link set mv0 down; log; st; run ip -n net0 link set mv0 up; log; st; run ip -n net0 link del mv0; log; st
case_ F17 promiscuous: a port does not see what a station gets, from the wire or from inside
setup on private; L2="mv0=net0,mv0 mv1=net1,mv1 host=-,port0 peer=peer,port1"; run ip link set port0 promisc on; log; m; run ip link set port0 promisc off; run ip -n net0 link set mv0 promisc on; log; m; run ip -n net0 link set mv0 down; log; run ip -n net0 link set mv0 up; log; run ip -n net0 link set mv0 promisc off; log
case_ F18 the port goes to another namespace with its stations
setup on bridge; ip netns add net2; run ip link set port0 netns net2; log; st; run ip -n net2 link set port0 up; log; st; sleep 0.1; L2="mv0=net0,mv0 mv1=net1,mv1 host=net2,port0 peer=peer,port1"; m; run nx net2 ethtool -K port0 l2-fwd-offload off; log; st; m; run ip netns del net2; sleep 0.5; log; st; run ip link set port0 up; log; st; sleep 0.1; L2="mv0=net0,mv0 mv1=net1,mv1 host=-,port0 peer=peer,port1"; m
case_ F19 carrier, operstate and flags of a macvlan whose port is down
setup on bridge; run ip link set port0 down; ip -n net0 -br link show mv0 | sed 's/  */ /g'; cat /sys/class/net/port0/operstate; run ip -n net0 link set mv0 down; run ip -n net0 link set mv0 up; log; st; run ip -n net0 link set mv0 type macvlan mode private; run ip -n net0 link set mv0 address 02:00:00:00:00:ee; log; st; run ip link set port0 up; log; st; sleep 0.1; m
case_ F20 created by hand with a mode, a flag and a queue length
setup on bridge; run ip link add mv2 link port0 type macvlan mode passthru; run ip link add mv2 link port0 type macvlan mode bridge nopromisc; run ip link add mv2 link port0 address 02:00:00:00:00:a2 type macvlan mode bridge bcqueuelen 5; run ip link set mv2 up; log; st; run ip link set mv2 type macvlan bcqueuelen 50; ip -d link show mv2 | grep -o 'bcqueuelen.*' | sed 's/ addr.*//'; run ip link set mv2 type macvlan mode passthru; run ip link set mv2 type macvlan nopromisc; run ip link del mv2; log; st
for o in off on; do
case_ F21 offload $o: what tc does at the ingress of the port
setup $o vepa; ip -n peer neigh replace 10.0.0.10 lladdr 02:00:00:00:00:a0 dev port1 nud permanent; ip -n net0 neigh replace 10.0.0.2 lladdr 02:4c:32:00:00:01 dev mv0 nud permanent; tc qdisc add dev port0 clsact; m; run tc filter add dev port0 ingress matchall action drop; m with a filter that drops; tc -s filter show dev port0 ingress | grep -o 'Sent.*pkt' | sed 's/bytes [1-9][0-9]*/some/;s/Sent.*some/Sent some/'; nx net0 ping -c 2 -i 0.2 -w 1 10.0.0.2 | grep -o '[0-9]* received'
run tc filter del dev port0 ingress; run tc filter add dev port0 egress matchall action drop; m with a filter that drops what leaves; run tc qdisc del dev port0 clsact; m without
done
for mode in private vepa bridge; do
case_ F22 $mode, a VEB: the host reaches a station once that has asked for it
setup on $mode; p() { echo "$1: $(ping -c 1 -W 1 $2 2>&1 | grep -o '[0-9]* received')"; }; ip neigh flush dev port0; p "host to net0" 10.0.0.10; echo "net0 to host: $(nx net0 ping -c 1 -W 1 10.0.0.1 2>&1 | grep -o '[0-9]* received')"; p "host to net0" 10.0.0.10
done
case_ F23 down and up: a connected socket forgets the queue
setup on bridge; ip -n net0 neigh replace 10.0.0.2 lladdr 02:4c:32:00:00:01 dev mv0 nud permanent; whose() { echo "$1: $(grep -E 'port0: +src 02:00:00:00:00:a0' $D/state | grep -o 'q[0-9]*=[0-9][0-9]' | sed 's/=.*//;s/q[45]$/station/;s/q[0-3]$/port/' | sort -u)"; }
nx net0 otool flood 10.0.0.2 9000 200 4 cs > /tmp/f & sleep 1; echo 1 > $D/reset; sleep 0.5; whose before; ethtool -K port0 l2-fwd-offload off; echo 1 > $D/reset; sleep 0.5; whose "the feature off"; ip -n net0 link set mv0 down; ip -n net0 link set mv0 up; ip -n net0 neigh replace 10.0.0.2 lladdr 02:4c:32:00:00:01 dev mv0 nud permanent; sleep 0.2; echo 1 > $D/reset; sleep 0.5; whose "down and up"; wait
dmesg | grep -iE 'warn|bug:|oops|call trace' | tail -5
