#!/bin/bash
# Which queue of the NIC carries which macvlan. Each macvlan sends 64 flows; ethtool -S counts what each queue sent.
ip addr add 10.0.0.1/24 dev eth0
ip link set eth0 up
ethtool -K eth0 l2-fwd-offload on
for n in 2 3; do
  ip netns add pod$n
  ip link add mv0 link eth0 netns pod$n type macvlan mode bridge
  ip -n pod$n addr add 10.0.0.$n/24 dev mv0
  ip -n pod$n link set mv0 up
  ip netns exec pod$n ping -c 1 -q 10.0.0.100 > /dev/null
done

echo "# 0-1: queues of subordinate channel 1, the first station"
for q in {0..7}; do echo "tx-$q $(cat /sys/class/net/eth0/queues/tx-$q/traffic_class 2>&1)"; done

sent() { ethtool -S eth0 | sed -n 's/^ *tx_queue_\([0-9]*\)_packets: /\1 /p'; }
load() { # WHO command...
  sent > before.txt
  "${@:2}" flood --flows 64 -n 640 -s 100 --cost 10us 10.0.0.100 > /dev/null
  sent > after.txt
  echo "$1 $(paste -d ' ' before.txt after.txt | awk '$4 > $2 { printf " q%d=%d", $1, $4 - $2 }')"
}
echo "# frames per queue"
load "the host:" env
load "pod2:    " ip netns exec pod2
load "pod3:    " ip netns exec pod3

echo "# the feature off: everything leaves by the port's own queues"
ethtool -K eth0 l2-fwd-offload off
load "pod2:    " ip netns exec pod2
