#!/bin/bash
# The NIC forwards for macvlans: the feature on, two macvlans, and who can talk then. MODE is the macvlans' mode, SWITCH what the
# NIC's own switch does (veb: between its stations itself; vepa: all to the wire).
#   lowerdev run examples/offload/lab.sh --set MODE=private --set SWITCH=vepa
MODE=${MODE:-bridge}
SWITCH=${SWITCH:-veb}

ip addr add 10.0.0.1/24 dev eth0
ip link set eth0 up
ethtool -K eth0 l2-fwd-offload on # before the macvlans come up: macvlan asks at open, and only then
bridge link set dev eth0 hwmode $SWITCH
bridge link show dev eth0
for n in 2 3; do
  ip netns add pod$n
  ip link add mv0 link eth0 netns pod$n address 02:00:00:00:00:0$n type macvlan mode $MODE
  ip -n pod$n addr add 10.0.0.$n/24 dev mv0
  ip -n pod$n link set mv0 up
done

echo "# a station's address is not in eth0's filter: the NIC sorts its frames itself"
bridge fdb show dev eth0 | grep 02:00:00 || echo "none: both macvlans are stations"
echo "# and queues of eth0 are theirs"
for q in 3 4 5 6 7; do echo "tx-$q traffic class $(cat /sys/class/net/eth0/queues/tx-$q/traffic_class)"; done

reach() { # WHO from to
  if ip netns exec "$2" ping -c 1 -W 1 -q "$3" > /dev/null; then echo "$1 yes"; else echo "$1 no"; fi
}
echo "# mode $MODE, switch $SWITCH"
reach "pod2 -> server  " pod2 10.0.0.100
reach "pod2 -> pod3    " pod2 10.0.0.3
reach "pod2 -> the host" pod2 10.0.0.1
# What the switch carries is unicast. Who knows the other's address need not ask by broadcast:
ip -n pod2 neigh replace 10.0.0.3 lladdr 02:00:00:00:00:03 dev mv0 nud permanent
ip -n pod3 neigh replace 10.0.0.2 lladdr 02:00:00:00:00:02 dev mv0 nud permanent
reach "pod2 -> pod3, permanent neighbours" pod2 10.0.0.3

echo "# tcpdump on eth0 sees what pod2 sends, and nothing of what comes back to it"
tcpdump -n -t -i eth0 icmp > seen.txt 2> /dev/null &
sleep 0.1
ip netns exec pod2 ping -c 3 -i 0.2 -q 10.0.0.100 > /dev/null
kill %1
wait
echo "requests $(grep -c 'echo request' seen.txt), replies $(grep -c 'echo reply' seen.txt)"

echo "# the feature off: ixgbe and this NIC hand the macvlans back to software"
ethtool -K eth0 l2-fwd-offload off
bridge fdb show dev eth0 | grep 02:00:00
reach "pod2 -> pod3, permanent neighbours" pod2 10.0.0.3
