#!/bin/bash
# "Network is down" from a network that is up: a UDP flood from an offloaded macvlan, what the senders and the log say, and each
# cure. (Ring or byte limit full -> the macvlan's queue is stopped -> noqueue cannot wait -> ENETDOWN.)
ip link set eth0 up
ethtool -K eth0 l2-fwd-offload on
ip netns add pod
ip link add mv0 link eth0 netns pod type macvlan mode bridge
ip -n pod addr add 10.0.0.2/24 dev mv0
ip -n pod link set mv0 up
ip netns exec pod ping -c 1 -q 10.0.0.100 > /dev/null

load() { ip netns exec pod flood -t 1s -s 1000 --cost 100us 10.0.0.100; }
dropped() { ip -n pod -s -j link show mv0 | jq -r '.[0].stats64.tx | "mv0: sent \(.packets), dropped \(.dropped)"'; }

echo "# the problem: noqueue above a ring that stops"
tc -n pod qdisc show dev mv0
load
dropped
dmesg | tail -n 1
echo "$(dmesg | grep -c 'asks to queue packet') such lines: no more than ten in five seconds"

echo "# ping next to it loses packets and says nothing"
load > /dev/null &
ip netns exec pod ping -c 5 -i 0.1 -W 1 10.0.0.100 | grep transmitted
wait

echo "# txqueuelen is no cure: the macvlan still has no queue"
ip -n pod link set mv0 txqueuelen 5000
tc -n pod qdisc show dev mv0
load | grep ENETDOWN

echo "# cure 1: a qdisc on the macvlan waits for it"
tc -n pod qdisc add dev mv0 root fq_codel
load
tc -n pod qdisc del dev mv0 root

echo "# cure 2: a kernel whose stopped noqueue drops instead of failing (a switch of the model, no Linux has it): no error, same loss"
sysctl -w lowerdev.noqueue_xoff=drop
load
dropped
sysctl -w lowerdev.noqueue_xoff=enetdown

echo "# cure 3: no offload: the NIC's own qdisc waits"
ethtool -K eth0 l2-fwd-offload off
load
