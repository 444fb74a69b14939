#!/bin/bash
# The host has an address on eth0, a container has a macvlan on it. Both reach the gateway; they don't reach each other,
# whatever the mode: what a macvlan sends goes to the wire, and what the host sends never enters macvlan.
MODE=${MODE:-bridge}
ip addr add 10.0.0.1/24 dev eth0
ip link set eth0 up
ip netns add pod
ip link add mv0 link eth0 netns pod type macvlan mode $MODE
ip -n pod addr add 10.0.0.2/24 dev mv0
ip -n pod link set mv0 up

echo "# the host and the pod reach the gateway"
ping -c 2 -i 0.2 -q 10.0.0.254
ip netns exec pod ping -c 2 -i 0.2 -q 10.0.0.254
echo "# the host to the pod, and back"
ping -c 2 -i 0.2 -W 1 10.0.0.2
ip netns exec pod ping -c 2 -i 0.2 -W 1 10.0.0.1
echo "# the request left by the cable, and nobody answered"
ip neigh show dev eth0 | grep -w 10.0.0.2
true
